"""Filters of the audit events: what they are about, and when. Each asks an index."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest

_MONTHS = 12

KINDS: dict[str, tuple[Any, tuple[Event, ...]]] = {
    "refusals": (
        _("Refusals"),
        (
            Event.AUTHORIZATION_REFUSED,
            Event.CLIENT_AUTHENTICATION_FAILED,
            Event.REGISTRATION_REFUSED,
            Event.REUSE_DETECTED,
            Event.TOKEN_REFUSED,
            Event.USER_CODE_REFUSED,
        ),
    ),
    "clients": (
        _("Clients"),
        (
            Event.CLIENT_REGISTERED,
            Event.CLIENT_CHANGED,
            Event.CLIENT_SUSPENDED,
            Event.CLIENT_REACTIVATED,
            Event.CLIENT_ADOPTED,
            Event.CLIENT_SUBMITTED,
            Event.CLIENT_APPROVED,
            Event.CLIENT_SENT_BACK,
            Event.CLIENT_ARCHIVED,
            Event.CLIENT_RESTORED,
            Event.CLIENT_DELETED,
            Event.CLIENT_CONFIRMED,
        ),
    ),
    "secrets": (
        _("Secrets"),
        (
            Event.SECRET_ADDED,
            Event.SECRET_REVOKED,
            Event.INITIAL_ACCESS_TOKEN_MADE,
            Event.INITIAL_ACCESS_TOKEN_REVOKED,
            Event.CREDENTIAL_LOOKED_UP,
        ),
    ),
    "consents": (
        _("Answers of people"),
        (
            Event.CONSENT_GRANTED,
            Event.CONSENT_DENIED,
            Event.CONSENT_WITHDRAWN,
            Event.CONSENT_NARROWED,
            Event.TARGETS_NARROWED,
            Event.SIGNED_OUT_EVERYWHERE,
            Event.DEVICE_ALLOWED,
            Event.DEVICE_DENIED,
        ),
    ),
    "tokens": (
        _("Tokens"),
        (
            Event.AUTHORIZATION_ISSUED,
            Event.DEVICE_REQUESTED,
            Event.GRANT_REVOKED,
            Event.TOKEN_ISSUED,
            Event.TOKEN_REVOKED,
        ),
    ),
    "keys": (_("Keys"), (Event.KEY_CREATED, Event.KEY_ROTATED, Event.KEY_REVOKED)),
}
# An event that is added later is found here until somebody says where it belongs.
_SORTED = {event for _title, events in KINDS.values() for event in events}
KINDS["other"] = (_("Everything else"), tuple(event for event in Event if event not in _SORTED))


class KindFilter(SimpleListFilter):
    """What an event is about."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(kind, title) for kind, (title, _events) in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = KINDS.get(self.value() or "")
        return queryset if found is None else queryset.filter(event__in=found[1])


class WhenFilter(DateFieldListFilter):
    """Django's choices, and each of the last twelve months: without reading which months there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        since, until = self.lookup_kwarg_since, self.lookup_kwarg_until
        months: list[tuple[str, dict[str, Any]]] = [
            (date_format(begin, "YEAR_MONTH_FORMAT"), {since: begin, until: end}) for begin, end in _months()
        ]
        self.links = (*self.links, *months)


def _months() -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of the months before this one, the last one first."""
    now = timezone.now()
    now = timezone.localtime(now) if timezone.is_aware(now) else now
    end = _first_day(now.year, now.month, now)
    for _number in range(_MONTHS):
        year, month = (end.year, end.month - 1) if end.month > 1 else (end.year - 1, 12)
        begin = _first_day(year, month, now)
        yield begin, end
        end = begin


def _first_day(year: int, month: int, like: datetime) -> datetime:
    day = datetime(year, month, 1)  # noqa: DTZ001  # made aware in the zone of the reader where the site has zones
    return timezone.make_aware(day) if timezone.is_aware(like) else day
