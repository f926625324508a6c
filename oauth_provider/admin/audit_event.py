"""Audit events: to be read, filtered, searched and exported, by nobody to be changed."""

from __future__ import annotations

from functools import reduce, update_wrapper
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth_provider.admin import audit_export, named
from oauth_provider.admin.audit_filters import KindFilter, WhenFilter
from oauth_provider.admin.bounded_paginator import BoundedPaginator
from oauth_provider.admin.definitions import definitions
from oauth_provider.admin.read_only import ReadOnlyAdmin
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponseBase
    from django.urls import URLPattern


class AuditAdmin(ReadOnlyAdmin):
    """A screen of the audit: seen with `view_event` alone; nothing on it reads the whole table."""

    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("oauth_provider.view_event")


@admin.register(AuditEvent)
class AuditEventAdmin(AuditAdmin):
    """List and page of events."""

    # Named methods, so that no column but the time can be sorted by: the others have no index to do it with.
    list_display = ("at", "what", "client", "user", "by", "from_address", "of_request")
    list_filter = (KindFilter, "event", ("at", WhenFilter))
    ordering = ("-at", "-pk")
    search_help_text = gettext_lazy("Exactly: request id, client id, grant id, user (name or id), or who did it.")
    fields = (
        *("at", "event", "client", "user", "actor"),
        *("grant_id", "address", "user_agent", "request_id", "details", "sealed"),
    )
    # Makes the search field appear; what is searched stands below.
    search_fields = ("request_id",)
    change_list_template = "admin/oauth_provider/auditevent/change_list.html"

    class Media:
        css = {"all": ["oauth_provider/admin.css"]}

    @admin.display(description=gettext_lazy("event"))
    def what(self, event: AuditEvent) -> str:
        return event.get_event_display()

    @admin.display(description=gettext_lazy("client"), empty_value="–")
    def client(self, event: AuditEvent) -> str:
        return named.of(event).client

    @admin.display(description=gettext_lazy("user"), empty_value="–")
    def user(self, event: AuditEvent) -> str:
        return named.of(event).user

    @admin.display(description=gettext_lazy("by"))
    def by(self, event: AuditEvent) -> str:
        return event.actor

    @admin.display(description=gettext_lazy("address"))
    def from_address(self, event: AuditEvent) -> str:
        return event.address

    @admin.display(description=gettext_lazy("request id"))
    def of_request(self, event: AuditEvent) -> str:
        return event.request_id

    @admin.display(description=gettext_lazy("details"))
    def details(self, event: AuditEvent) -> str:
        return definitions(event.detail)

    @admin.display(description=gettext_lazy("seal"))
    def sealed(self, event: AuditEvent) -> str:
        if event.batch is None:
            return _("Not sealed yet")
        address = reverse(f"{self.admin_site.name}:oauth_provider_auditseal_change", args=[event.batch])
        return format_html('<a href="{}">{}</a>', address, _("Sealed in %(number)d") % {"number": event.batch})

    def get_urls(self) -> list[URLPattern]:
        view = update_wrapper(self.admin_site.admin_view(self.export_view), self.export_view)
        return [path("export/", view, name="oauth_provider_auditevent_export"), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        named.name(changes.result_list, site=self.admin_site, request=request)
        return changes

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        kept = request.GET.copy()
        for name in (PAGE_VAR, ORDER_VAR, ALL_VAR, ERROR_FLAG):
            kept.pop(name, None)
        query = f"?{kept.urlencode()}" if kept else ""
        return super().changelist_view(request, {**(extra_context or {}), "export_query": query})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEvent | None:
        event: AuditEvent | None = super().get_object(request, object_id, from_field)
        if event is not None:
            named.name([event], site=self.admin_site, request=request)
        return event

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Exact values only: they have an index, and this table grows for ever."""
        term = search_term.strip()
        if not term or "\x00" in term:
            return (queryset.none() if term else queryset), False
        user = get_user_model()
        people = user._default_manager.filter(**{user.USERNAME_FIELD: term}).values_list("pk", flat=True)[:1]
        wanted = {
            **{column: [term] for column in ("request_id", "client_id", "grant_id", "actor")},
            "user_id": [term, *(str(pk) for pk in people)],
        }
        # Asked one by one: for columns joined by OR some databases walk the whole table in its order instead.
        events = AuditEvent.objects.using(queryset.db)
        held = [
            where for name, values in wanted.items() if events.filter(where := Q(**{f"{name}__in": values})).exists()
        ]
        return (queryset.filter(reduce(or_, held)) if held else queryset.none()), False

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The events of the present filters and search as a file; a read, so that a link is enough."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            events = super().get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            address = reverse(f"{self.admin_site.name}:oauth_provider_auditevent_changelist")
            return HttpResponseRedirect(f"{address}?{ERROR_FLAG}=1")
        return audit_export.answer(request, events)
