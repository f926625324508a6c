"""Seals of the audit events: number, size, time and root, to be compared with what was written down elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, ngettext

from oauth_provider.admin.audit_event import AuditAdmin
from oauth_provider.models import AuditSeal

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(AuditSeal)
class AuditSealAdmin(AuditAdmin):
    """List and page of seals. Shown as stored: whether they are right is what `oauth_verify_audit` says."""

    list_display = ("number", "count", "sealed_at", "root")
    ordering = ("-number",)
    sortable_by = ("number",)
    fields = ("number", "sealed_at", "events", "first_event", "last_event", "previous", "root", "signature")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditSeal]:
        # 32 kB a row that no screen shows.
        rows: QuerySet[AuditSeal] = super().get_queryset(request)
        return rows.defer("leaves")

    @admin.display(description=gettext_lazy("events"))
    def events(self, seal: AuditSeal) -> str:
        address = reverse(f"{self.admin_site.name}:oauth_provider_auditevent_changelist")
        text = ngettext("%(count)d event", "%(count)d events", seal.count) % {"count": seal.count}
        return format_html('<a href="{}?batch={}">{}</a>', address, seal.number, text)
