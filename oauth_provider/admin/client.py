"""Clients: the list, and the addresses of the pages about one."""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import (
    client_events,
    client_filter,
    client_grants,
    client_list,
    client_logo,
    client_move,
    client_redirect_uris,
    client_registration,
    client_scopes,
    client_secrets,
    client_settings,
    client_status,
    dashboard,
    explain,
    find_token,
    preview,
)
from oauth_provider.admin.base import ModelAdmin
from oauth_provider.admin.filters import NeglectedFilter
from oauth_provider.models import Client

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

# Page, address below the list's, view.
_TOOLS = (
    ("dashboard", "dashboard/", dashboard.dashboard),
    ("find_token", "find-token/", find_token.find_token),
    ("revoke_token", "find-token/revoke/", find_token.revoke_token),
    ("explain", "explain/", explain.explain),
)
# Page, address below the client's, view.
_PAGES = (
    ("secrets", "secrets/", client_secrets.page),
    ("secret_add", "secrets/add/", client_secrets.add),
    ("secret_revoke", "secrets/<int:secret>/revoke/", client_secrets.retire),
    ("redirect_uris", "redirect-uris/", client_redirect_uris.page),
    ("scopes", "scopes/", client_scopes.page),
    ("submit", "submit/", client_scopes.submit),
    ("approve", "approve/", client_scopes.approve),
    ("send_back", "send-back/", client_scopes.send_back),
    ("grants", "grants/", client_grants.page),
    ("grants_revoke", "grants/revoke/", client_grants.revoke),
    ("events", "events/", client_events.page),
    ("move", "move/", client_move.page),
    ("logo", "logo/", client_logo.replace),
    ("preview", "preview/", preview.preview),
    ("suspend", "suspend/", client_status.suspend),
    ("reactivate", "reactivate/", client_status.reactivate),
    ("revoke_access", "revoke-access/", client_status.revoke_access),
    ("archive", "archive/", client_status.archive),
    ("restore", "restore/", client_status.restore),
    ("delete", "delete/", client_status.delete),
)


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    """Added by profile, changed tab by tab, put away in four words; Django's own delete has no way in."""

    list_display = ("name", *client_list.COLUMNS, "client_id")
    list_filter = (client_filter.StatusFilter, NeglectedFilter, "profile", "registration_source")
    list_per_page = 50
    list_select_related = ("application",)
    search_fields = ("application__name", "application__client_id")
    search_help_text = _("name or client id")
    ordering = ("application__name", "pk")
    actions = None
    change_list_template = "admin/oauth_provider/client/change_list.html"

    @admin.display(description=_("name"), ordering="application__name")
    def name(self, client: Client) -> str:
        return client.name

    @admin.display(description=_("client id"), ordering="application__client_id")
    def client_id(self, client: Client) -> str:
        return client.client_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        rows: QuerySet[Client] = super().get_queryset(request)
        return rows.select_related("application")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[client_list.ClientList]:
        return client_list.ClientList

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not the way Django deletes: see `client_status.delete`."""
        return False

    def get_urls(self) -> list[URLPattern]:
        def view(function: Any) -> Any:
            return update_wrapper(self.admin_site.admin_view(partial(function, self)), function)

        tools = [
            path(address, view(function), name=f"oauth_provider_client_{page}") for page, address, function in _TOOLS
        ]
        pages = [
            path(f"<int:pk>/{address}", view(function), name=f"oauth_provider_client_{page}")
            for page, address, function in _PAGES
        ]
        return [*tools, *pages, *super().get_urls()]

    def client_or_404(self, request: HttpRequest, pk: int) -> Client:
        """The client of this address."""
        client: Client | None = self.get_object(request, str(pk))
        if client is None:
            raise Http404
        return client

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return client_registration.add(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return client_settings.page(self, request, int(object_id))
