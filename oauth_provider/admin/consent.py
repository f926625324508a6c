"""Consents: what a person allowed a client, and how long the answer is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider import scopes as known_scopes
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.filters import ConsentStateFilter
from oauth_provider.admin.revocable import RevocableAdmin
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Consent, Grant
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Consent)
class ConsentAdmin(RevocableAdmin):
    """List and page of consents."""

    list_display = ("user", "client", "permissions", "created_at", "remembered_until", "last_used", "revoked_at")
    list_filter = (ConsentStateFilter, "created_at")
    ordering = ("-created_at", "-pk")
    fields = (
        "user", "client", "permissions", "created_at", "updated_at", "remembered_until",
        "last_used", "revoked_at",
    )  # fmt: skip

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (
            f"user__{get_user_model().USERNAME_FIELD}",
            "client__application__name",
            "client__application__client_id",
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        rows: QuerySet[Consent] = super().get_queryset(request)
        of_both = Grant.objects.filter(user=OuterRef("user"), client=OuterRef("client")).order_by().values("user")
        latest = of_both.annotate(latest=Max("last_used_at")).values("latest")
        return rows.select_related("user", "client__application").annotate(
            last_used_at=Subquery(latest, output_field=DateTimeField())
        )

    @admin.display(description=gettext_lazy("permissions"))
    def permissions(self, consent: Consent) -> str:
        return known_scopes.join(consent.scopes)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at", empty_value="–")
    def last_used(self, consent: Consent) -> datetime | None:
        used: datetime | None = getattr(consent, "last_used_at", None)
        return used

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
