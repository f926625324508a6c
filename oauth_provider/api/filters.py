"""Filters of the lists. Each stands on an index, alone or with the one it asks for beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter

from oauth_provider.values import ClientStatus, Event

if TYPE_CHECKING:
    from django.db.models import QuerySet

_LENGTH = 255
_BOUNDS = (
    MinValueValidator(datetime(2000, 1, 1, tzinfo=UTC)),
    # Later ones cannot be told in every time zone.
    MaxValueValidator(datetime(9000, 1, 1, tzinfo=UTC)),
)
# An event alone has no index: it narrows what one of these has narrowed.
_NARROWS = ("client_id", "user_id", "grant_id", "request_id", "at_after")


def _text(field_name: str) -> Any:
    return CharFilter(field_name=field_name, max_length=_LENGTH)


def _time(field_name: str, lookup: str) -> Any:
    return IsoDateTimeFilter(field_name=field_name, lookup_expr=lookup, validators=_BOUNDS)


class ByUserFilterSet(FilterSet):
    """`user` is the name a person signs in with."""

    user = CharFilter(method="of_user", max_length=_LENGTH)

    def of_user(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name
        model = get_user_model()
        return rows.filter(user__in=model._default_manager.filter(**{model.USERNAME_FIELD: value}))


class ClientFilter(FilterSet):
    """Clients."""

    client_id = _text("application__client_id")
    status = ChoiceFilter(choices=ClientStatus.choices)
    owner = CharFilter(method="of_owner", max_length=_LENGTH)

    def of_owner(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name
        model = get_user_model()
        people = model._default_manager.filter(**{model.USERNAME_FIELD: value})
        return rows.filter(owners__user__in=people)


class ConsentFilter(ByUserFilterSet):
    """Consents."""

    client_id = _text("client__application__client_id")


class GrantFilter(ByUserFilterSet):
    """Grants; those that have ended are most of them, so only the live ones can be asked for."""

    client_id = _text("client__application__client_id")
    state = ChoiceFilter(choices=[("live", "live")], method="in_state")
    created_after = _time("created_at", "gte")
    created_before = _time("created_at", "lt")

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name, value
        return rows.filter(Q(revoked_at=None), expires_at__gt=Now())


class EventFilter(FilterSet):
    """Events."""

    client_id = _text("client_id")
    user_id = _text("user_id")
    grant_id = _text("grant_id")
    request_id = _text("request_id")
    at_after = _time("at", "gte")
    at_before = _time("at", "lt")
    event = ChoiceFilter(choices=Event.choices)

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        given = self.form.cleaned_data
        if given.get("event") and not any(given.get(name) for name in _NARROWS):
            self.form.add_error("event", _("Give one of these beside it: %s.") % ", ".join(_NARROWS))
        return bool(self.form.is_valid())
