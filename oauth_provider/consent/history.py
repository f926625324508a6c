"""What happened between a person and an app, in the person's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from oauth_provider import scopes
from oauth_provider.consent import devices
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser
    from django.utils.functional import _StrPromise

    from oauth_provider.models import Client

MOST_SHOWN = 20

_WORDS: Mapping[str, _StrPromise] = {
    Event.AUTHORIZATION_ISSUED: _("It signed you in again, as you had allowed before"),
    Event.DEVICE_DENIED: _("You said no to a device"),
    Event.CONSENT_DENIED: _("You said no"),
    Event.CONSENT_WITHDRAWN: _("Its access ended"),
    Event.CONSENT_NARROWED: _("You took a permission away"),
    Event.TARGETS_NARROWED: _("You chose fewer of your things for it"),
    Event.SIGNED_OUT_EVERYWHERE: _("You signed out everywhere"),
    Event.GRANT_REVOKED: _("Its access ended in one place"),
    Event.TOKEN_REVOKED: _("It gave a key back"),
    Event.REUSE_DETECTED: _("For your safety its access ended in one place: a key was used twice"),
}
_REASONS: Mapping[str, _StrPromise] = {
    "app_ended": _("You ended its access"),
    "place_ended": _("You ended its access in one place"),
    "not_me": _("Its access was ended by the link in a mail to you"),
    "signed_out_everywhere": _("You signed out everywhere"),
    "password_changed": _("Its access ended because the password changed"),
    "access_lost": _("Its access ended because you may not use it any more"),
    "groups_changed": _("You were signed out of it because your groups changed"),
    "deactivated": _("Its access ended because your account was deactivated"),
    "revoked_by_client": _("It signed itself out"),
    "revoked_by_admin": _("The site ended its access"),
    "withdrawn_by_admin": _("The site ended its access"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    at: datetime
    words: str
    address: str
    device: str


def between(user: AbstractBaseUser, client: Client) -> list[Happened]:
    """The newest events of a person and an app, and those that ended all apps at once; one statement."""
    events = AuditEvent.objects.filter(
        user_id=str(user.pk), client_id__in=[client.client_id, ""], event__in=[*_WORDS, Event.DEVICE_ALLOWED]
    )
    return [
        Happened(event.at, _words(event), event.address, devices.describe(event.user_agent))
        for event in events.order_by("-at", "-pk")[:MOST_SHOWN]
    ]


def _words(event: AuditEvent) -> str:
    detail = event.detail
    reason = str(detail.get("reason", ""))
    if event.event == Event.CONSENT_NARROWED:
        return gettext("You took away: %(permissions)s") % {"permissions": in_words(detail.get("scopes", ()))}
    if event.event == Event.DEVICE_ALLOWED:
        return gettext("You connected a device: %(permissions)s") % {"permissions": in_words(detail.get("scopes", ()))}
    if event.event == Event.AUTHORIZATION_ISSUED and detail.get("consent") == "asked":
        return gettext("You allowed it: %(permissions)s") % {"permissions": in_words(detail.get("scopes", ()))}
    return str(_REASONS.get(reason) or _WORDS[event.event])


def in_words(names: Iterable[str]) -> str:
    """Permissions as one piece of a sentence."""
    # Labels are sentences of their own, in any language: a comma or an "and" would not fit between them.
    return " · ".join(str(scope.label or scope.name) for scope in scopes.describe(names))
