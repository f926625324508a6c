"""What ends when, as the site chose it in `SESSION_POLICY`: for each event a word (docs/sessions.md)."""

from __future__ import annotations

from oauth_provider.conf import conf
from oauth_provider.values import Reach

# What a change of groups may end: nothing, where the person lost the access, and also where their groups are told.
NOTHING, LOST_ACCESS, TOLD_GROUPS = "nothing", "lost_access", "told_groups"


def reach(event: str) -> Reach:
    """How much ends when somebody signs out, has a new password or is deactivated."""
    return Reach(conf.SESSION_POLICY[event])


def at_changed_groups() -> str:
    """The word for a change of groups."""
    return conf.SESSION_POLICY["groups_changed"]
