"""Grants: who let which client do what, until when, and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider import scopes as known_scopes
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.filters import GrantStateFilter
from oauth_provider.admin.revocable import RevocableAdmin
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Grant
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Grant)
class GrantAdmin(RevocableAdmin):
    """List and page of grants."""

    list_display = ("user", "client", "permissions", "created_at", "last_used_at", "expires_at", "ended")
    list_select_related = ("user", "client__application")
    list_filter = (GrantStateFilter, "created_at")
    ordering = ("-created_at",)
    fields = (
        "id", "user", "client", "permissions", "resources", "subject", "auth_time",
        "created_at", "last_used_at", "expires_at", "ended",
    )  # fmt: skip

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (
            f"user__{get_user_model().USERNAME_FIELD}",
            "client__application__name",
            "client__application__client_id",
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        rows: QuerySet[Grant] = super().get_queryset(request)
        return rows.select_related("user", "client__application")

    @admin.display(description=gettext_lazy("permissions"))
    def permissions(self, grant: Grant) -> str:
        return known_scopes.join(grant.scopes)

    @admin.display(description=gettext_lazy("ended"), ordering="revoked_at", empty_value="–")
    def ended(self, grant: Grant) -> str | None:
        if grant.revoked_at is None:
            return None
        return f"{grant.revoked_at:%Y-%m-%d %H:%M} ({grant.revoked_reason})"

    def live(self, rows: QuerySet[Grant]) -> QuerySet[Grant]:
        return rows.filter(revoked_at=None, expires_at__gt=Now())

    def consequences(self, rows: Sequence[Grant]) -> list[str]:
        people = len({grant.user_id for grant in rows})
        clients = sorted({grant.client.name for grant in rows})
        return [
            _("Grants that end now: %(grants)d. People: %(people)d.") % {"grants": len(rows), "people": people},
            _("Clients: %(names)s.") % {"names": ", ".join(clients)},
            _("Every token of the family is refused at once. The app can ask the person again."),
        ]

    def revoke(self, request: HttpRequest, row: Grant) -> None:
        revoke.revoke_grant(row, reason="revoked_by_admin", actor=actor_of(request), source=source_of(request))
