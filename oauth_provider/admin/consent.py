"""Consents: what a person allowed a client, and how long the answer is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider import scopes as known_scopes
from oauth_provider.admin import exact_search
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.bounded_paginator import BoundedPaginator
from oauth_provider.admin.chosen import objects_of
from oauth_provider.admin.filters import ConsentStateFilter
from oauth_provider.admin.list_page import ListPage
from oauth_provider.admin.revocable import RevocableAdmin
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Consent, Grant
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest


class ConsentList(ListPage):
    """The list, which tells when each consent on its page was last used."""

    def complete(self, rows: list[Consent]) -> None:
        _note_last_use(rows)


def _note_last_use(rows: Sequence[Consent]) -> None:
    """When each was last used, by any of its grants; one statement."""
    # By lists of users and clients: row by row the database would read every grant of a large client each time.
    of_both = Grant.objects.filter(
        user_id__in={row.user_id for row in rows}, client_id__in={row.client_id for row in rows}
    ).order_by()
    used = {
        (user, client): latest
        for user, client, latest in of_both.values_list("user_id", "client_id").annotate(latest=Max("last_used_at"))
    }
    for row in rows:
        row.last_used_at = used.get((row.user_id, row.client_id))  # type: ignore[attr-defined]  # for `last_used`


@admin.register(Consent)
class ConsentAdmin(RevocableAdmin):
    """List and page of consents."""

    list_display = ("person", "its_client", "permissions", "since", "remembered_until", "last_used", "revoked_at")
    list_select_related = ("user", "client__application")
    list_filter = (ConsentStateFilter, "created_at")
    ordering = ("-pk",)
    # Of a million rows only what has an index is sorted while somebody waits.
    sortable_by = ("since",)
    paginator = BoundedPaginator
    change_list_template = "admin/oauth_provider/bounded_change_list.html"
    # Makes the search field appear; what is searched stands below.
    search_fields = ("id",)
    search_help_text = gettext_lazy("Exactly: user name, client id, or name of a client.")
    fields = (
        "user", "client", "permissions", "objects", "created_at", "updated_at", "remembered_until",
        "last_used", "revoked_at",
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsentList]:
        return ConsentList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Consent], search_term: str
    ) -> tuple[QuerySet[Consent], bool]:
        return exact_search.of_people_and_clients(queryset, search_term), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        rows: QuerySet[Consent] = super().get_queryset(request)
        return rows.select_related("user", "client__application")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Consent | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            _note_last_use([row])
        return row

    @admin.display(description=gettext_lazy("since"), ordering="pk")
    def since(self, consent: Consent) -> datetime:
        return consent.created_at

    @admin.display(description=gettext_lazy("objects"), empty_value="–")
    def objects(self, consent: Consent) -> str | None:
        return objects_of(consent) or None

    @admin.display(description=gettext_lazy("permissions"))
    def permissions(self, consent: Consent) -> str:
        return known_scopes.join(consent.scopes)

    @admin.display(description=gettext_lazy("last used"))
    def last_used(self, consent: Consent) -> datetime | str:
        used: datetime | None = getattr(consent, "last_used_at", None)
        return used or "–"

    def consequences(self, rows: Sequence[Consent]) -> list[str]:
        grants = sum(
            Grant.objects.filter(user_id=consent.user_id, client_id=consent.client_id, revoked_at=None).count()
            for consent in rows
        )
        people = len({consent.user_id for consent in rows})
        return [
            _("Consents withdrawn: %(consents)d. People: %(people)d. Grants that end now: %(grants)d.")
            % {"consents": len(rows), "people": people, "grants": grants},
            _("Clients: %(names)s.") % {"names": ", ".join(sorted({consent.client.name for consent in rows}))},
            _("Every token is refused at once. The next time the app asks, the person is asked."),
        ]

    def revoke(self, request: HttpRequest, row: Consent) -> None:
        revoke.withdraw_consent(row, reason="withdrawn_by_admin", actor=actor_of(request), source=source_of(request))
