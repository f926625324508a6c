"""What ends when, as the site chose it in `SESSION_POLICY`: for each event a word, and what each word means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oauth_provider.conf import SESSION_POLICY_DEFAULTS, conf
from oauth_provider.values import Reach

# What a change of groups may end: nothing, where the person lost the access, and also where their groups are told.
NOTHING, LOST_ACCESS, TOLD_GROUPS = "nothing", "lost_access", "told_groups"

# For each event the words there are, the weakest first. A person who is deleted takes everything along.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "signed_out": (Reach.SESSIONS.value, Reach.SESSION_TOKENS.value, Reach.ALL_TOKENS.value),
    "password_changed": tuple(reach.value for reach in Reach),
    "deactivated": tuple(reach.value for reach in Reach),
    "groups_changed": (NOTHING, LOST_ACCESS, TOLD_GROUPS),
}

# What a weaker word leaves alive, for the check.
LEFT_ALIVE: Mapping[str, str] = {
    "signed_out": "tokens given for a sign-in live on after the person signed out",
    "password_changed": "whoever knew the old password keeps what an app got with it",
    "deactivated": "what rests while a person is deactivated works again when they are reactivated",
    "groups_changed": "who left a group stays signed in to apps that only its members may use",
}


def reach(event: str) -> Reach:
    """How much ends at this event."""
    return Reach(conf.SESSION_POLICY[event])


def at_changed_groups() -> str:
    """The word for a change of groups."""
    return conf.SESSION_POLICY["groups_changed"]


def weakened() -> Iterator[tuple[str, str, str]]:
    """Each event at which less ends than by default: its name, the word, the default."""
    for event, default in SESSION_POLICY_DEFAULTS.items():
        word, words = conf.SESSION_POLICY[event], CHOICES[event]
        if words.index(word) < words.index(default):
            yield event, word, default
