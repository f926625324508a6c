"""Grants: who let which client do what, until when, and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider import scopes as known_scopes
from oauth_provider.admin import exact_search
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.bounded_paginator import BoundedPaginator
from oauth_provider.admin.chosen import objects_of
from oauth_provider.admin.filters import GrantStateFilter
from oauth_provider.admin.list_page import ListPage
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

    list_display = ("person", "its_client", "permissions", "created_at", "last_used_at", "expires_at", "ended")
    list_select_related = ("user", "client__application")
    list_filter = (GrantStateFilter, "created_at")
    ordering = ("-created_at",)
    # Of a million rows only what has an index is sorted while somebody waits.
    sortable_by = ("created_at", "expires_at")
    paginator = BoundedPaginator
    change_list_template = "admin/oauth_provider/bounded_change_list.html"
    # Makes the search field appear; what is searched stands below.
    search_fields = ("id",)
    search_help_text = gettext_lazy("Exactly: user name, client id, name of a client, or grant id.")
    fields = (
        "id", "user", "client", "permissions", "objects", "resources", "subject", "auth_time",
        "created_at", "last_used_at", "expires_at", "ended",
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ListPage]:
        return ListPage

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Grant], search_term: str
    ) -> tuple[QuerySet[Grant], bool]:
        return exact_search.of_people_and_clients(queryset, search_term), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        rows: QuerySet[Grant] = super().get_queryset(request)
        return rows.select_related("user", "client__application")

    @admin.display(description=gettext_lazy("objects"), empty_value="–")
    def objects(self, grant: Grant) -> str | None:
        return objects_of(grant) or None

    @admin.display(description=gettext_lazy("permissions"))
    def permissions(self, grant: Grant) -> str:
        return known_scopes.join(grant.scopes)

    @admin.display(description=gettext_lazy("ended"), ordering="revoked_at")
    def ended(self, grant: Grant) -> str:
        if grant.revoked_at is None:
            return "–"
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
        revoke.end_place(row, reason="revoked_by_admin", actor=actor_of(request), source=source_of(request))
