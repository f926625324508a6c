"""Whether a credential still opens anything, in the words of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from oauth_provider.insight.found import State
from oauth_provider.tokens import lookup

if TYPE_CHECKING:
    from datetime import datetime

    from oauth_provider.models import Client

_HINT_LENGTH = 4


def hint_of(value: str) -> str:
    """The last characters, by which a person recognises what they pasted."""
    return value[-_HINT_LENGTH:]


def of_access_token(value: str) -> tuple[State, str, lookup.LiveToken | None]:
    """What a request with this token would be told, and the token if it is live."""
    try:
        return State.LIVE, "", lookup.find_access_token(value)
    except lookup.TokenNotLive as error:
        return State.EXPIRED if error.reason == "expired" else State.REVOKED, error.detail, None


def of_people(client: Client | None, user: Any) -> tuple[State, str]:
    """Live, unless the client or the person behind it is refused."""
    if client is not None and not client.is_active:
        return State.REVOKED, _("the client is %(status)s") % {"status": client.get_status_display().lower()}
    if user is not None and not user.is_active:
        return State.REVOKED, _("the person’s account is not active")
    return State.LIVE, ""


def at(moment: datetime) -> str:
    """A time as the sentences here write it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"
