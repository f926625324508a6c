"""Audit events: to be read, filtered and searched, by nobody to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin.read_only import ReadOnlyAdmin
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """List and page of events."""

    list_display = ("at", "event", "client_id", "user_id", "actor", "address", "request_id")
    list_filter = ("event", "at")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    search_help_text = _("Exactly: request id, client id, grant id, user (name or id), or who did it.")
    fields = (
        *("at", "event", "client_id", "user_id", "actor"),
        *("grant_id", "address", "user_agent", "request_id", "detail"),
    )
    # Makes the search field appear; what is searched stands below.
    search_fields = ("request_id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Exact values only: they have an index, and this table grows for ever."""
        term = search_term.strip()
        if not term or "\x00" in term:
            return (queryset.none() if term else queryset), False
        user = get_user_model()
        people = user._default_manager.filter(**{user.USERNAME_FIELD: term}).values_list("pk", flat=True)[:1]
        user_ids = [term, *(str(pk) for pk in people)]
        return (
            queryset.filter(
                Q(request_id=term) | Q(client_id=term) | Q(grant_id=term) | Q(actor=term) | Q(user_id__in=user_ids)
            ),
            False,
        )
