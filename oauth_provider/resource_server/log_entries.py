"""Django's LogEntry names the person; what an app did for them says by which app, in the admin's history too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_init, pre_save
from django.utils.translation import gettext, gettext_noop

from oauth_provider import acting

if TYPE_CHECKING:
    from django.contrib.admin.models import LogEntry

    from oauth_provider.resource_server.access import Access

# Django's history makes sentences of it: `Added {name} “{object}”.`, `Changed {fields}.`, `Deleted {name} “{object}”.`
# `name` it translates for whoever reads.
_BY_APP = gettext_noop("by the app")
_BY_AGENT = gettext_noop("by the agent")


def connect() -> None:
    """Listen to LogEntry, where the site has the admin; runs once, at start."""
    from django.contrib.admin.models import LogEntry  # noqa: PLC0415  # there only where the admin is installed

    # `log_actions` saves one row, and makes several by one INSERT that sends no signal.
    post_init.connect(_made, sender=LogEntry, dispatch_uid="oauth_provider.log_entries.made")
    pre_save.connect(_saved, sender=LogEntry, dispatch_uid="oauth_provider.log_entries.saved")


def _made(instance: Any, **_: Any) -> None:
    access = acting.current()
    # A row that is read has its key.
    if access is not None and instance.pk is None:
        _tell(instance, access)


def _saved(instance: LogEntry, *, raw: bool, **_: Any) -> None:
    access = acting.current()
    if access is not None and not raw and instance._state.adding:
        _tell(instance, access)


def _tell(entry: LogEntry, access: Access) -> None:
    """Add who did it, once; the person's name stays where it is."""
    by, name = _BY_AGENT if acting.is_agent(access) else _BY_APP, _name_of(access)
    structured = _structured(entry.change_message)
    if structured is None:
        suffix = f" — {_in_words(by, name)}"
        if not entry.change_message.endswith(suffix):
            entry.change_message += suffix
        return
    added = _entry(entry.action_flag, by, name)
    if added not in structured:
        entry.change_message = json.dumps([*structured, added])


def _structured(message: object) -> list[Any] | None:
    """The list in a message that Django writes as JSON; an empty one for no message, None for plain text."""
    if not message:
        return []
    if not isinstance(message, str) or not message.startswith("["):
        return None
    try:
        found = json.loads(message)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _entry(action_flag: int, by: str, name: str) -> dict[str, Any]:
    """What reads “Changed by the app “Notes”.” and so on; the values of `ADDITION` and `DELETION` are 1 and 3."""
    for flag, verb in ((1, "added"), (3, "deleted")):
        if action_flag == flag:
            return {verb: {"name": by, "object": name}}
    return {"changed": {"fields": [_in_words(by, name)]}}


def _in_words(by: str, name: str) -> str:
    # "by the app" and "by the agent" are the two there are; both stand above for `makemessages`.
    return gettext("%(by)s “%(name)s”") % {"by": gettext(by), "name": name}


def _name_of(access: Access) -> str:
    try:
        return str(access.client)
    except PermissionDenied:  # under JWT_STATE_CHECK "never" the client is read late, and may be gone
        return access.client_id
