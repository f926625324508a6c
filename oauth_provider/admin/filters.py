"""Filters of the lists: what is alive, and what has ended. None of them loads rows to offer as choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from oauth_provider.insight import neglected

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest


class ConsentStateFilter(SimpleListFilter):
    """Standing or withdrawn."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("live", _("Live")), ("ended", _("Ended"))]

    def ended(self) -> Q:
        """Rows that have ended."""
        return Q(revoked_at__isnull=False)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "live":
            return queryset.exclude(self.ended())
        return queryset.filter(self.ended()) if self.value() == "ended" else queryset


class GrantStateFilter(ConsentStateFilter):
    """Alive, or revoked or expired."""

    def ended(self) -> Q:
        return Q(revoked_at__isnull=False) | Q(expires_at__lte=Now())


class NeglectedFilter(SimpleListFilter):
    """Clients that want looking after; the dashboard leads here."""

    title = _("neglect")
    parameter_name = "neglected"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("unused", _("Not used")), ("without-owner", _("Without owner"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = {"unused": neglected.unused_clients, "without-owner": neglected.clients_without_owner}
        wanted = found.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(pk__in=wanted().values("pk"))
