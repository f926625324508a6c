"""Clients: the list, and the page of one."""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.http import Http404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import (
    client_form,
    client_list,
    client_registration,
    client_secret,
    client_status,
    dashboard,
    explain,
    find_token,
    preview,
)
from oauth_provider.admin.actor import actor_of
from oauth_provider.admin.client_owner import ClientOwnerInline
from oauth_provider.admin.filters import NeglectedFilter
from oauth_provider.admin.read_only import AnyModelAdmin
from oauth_provider.clients import change as changes
from oauth_provider.clients import owners
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

_SHOWN = (
    "client_id",
    "profile",
    "status",
    "auth_method",
    "registration_source",
    "created_at",
    "last_used_at",
)


@admin.register(Client)
class ClientAdmin(AnyModelAdmin):
    """Added by profile, changed within its rules, suspended; never deleted with its history."""

    form = client_form.ClientForm
    inlines = (ClientOwnerInline,)
    list_display = ("name", *client_list.COLUMNS, "client_id")
    list_filter = ("status", NeglectedFilter, "profile", "registration_source")
    list_per_page = 50
    list_select_related = ("application",)
    search_fields = ("application__name", "application__client_id")
    search_help_text = _("name or client id")
    ordering = ("application__name", "pk")
    actions = None
    readonly_fields = _SHOWN
    change_form_template = "admin/oauth_provider/client/change_form.html"
    change_list_template = "admin/oauth_provider/client/change_list.html"
    fieldsets = (
        (None, {"fields": ("name", *_SHOWN)}),
        (_("Where people are sent back to"), {"fields": ("redirect_uris", "origins")}),
        (
            _("What it may ask for"),
            {"fields": ("allowed_scopes", "default_scopes", "resources", "resource_server_for")},
        ),
        (
            _("Tokens"),
            {
                "fields": (
                    "require_pkce",
                    "token_format",
                    "access_token_lifetime",
                    "refresh_token_idle_lifetime",
                    "refresh_token_absolute_lifetime",
                    "refresh_token_leeway",
                )
            },
        ),
        (_("Links people see"), {"fields": ("policy_uri", "tos_uri")}),
    )

    @admin.display(description=_("name"), ordering="application__name")
    def name(self, client: Client) -> str:
        return client.name

    @admin.display(description=_("client id"), ordering="application__client_id")
    def client_id(self, client: Client) -> str:
        return client.client_id

    @admin.display(description=_("browser origins"), empty_value="–")
    def shown_origins(self, client: Client) -> str:
        return "\n".join(client.origins.order_by("origin").values_list("origin", flat=True))

    @admin.display(description=_("redirect URIs"), empty_value="–")
    def shown_redirect_uris(self, client: Client) -> str:
        return "\n".join(client.redirect_uris)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        rows: QuerySet[Client] = super().get_queryset(request)
        return rows.select_related("application")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[client_list.ClientList]:
        return client_list.ClientList

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A deleted client takes its grants and their history along; suspending it is enough."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Client | None = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        shown = {"origins": "shown_origins", "redirect_uris": "shown_redirect_uris"}
        return [
            (title, {"fields": [shown.get(name, name) for name in cast("Sequence[str]", options["fields"])]})
            for title, options in self.fieldsets
        ]

    def get_urls(self) -> list[URLPattern]:
        def view(function: Any) -> Any:
            return update_wrapper(self.admin_site.admin_view(partial(function, self)), function)

        return [
            path("find-token/", view(find_token.find_token), name="oauth_provider_client_find_token"),
            path("find-token/revoke/", view(find_token.revoke_token), name="oauth_provider_client_revoke_token"),
            path("explain/", view(explain.explain), name="oauth_provider_client_explain"),
            path("<int:pk>/preview/", view(preview.preview), name="oauth_provider_client_preview"),
            path("dashboard/", view(dashboard.dashboard), name="oauth_provider_client_dashboard"),
            path("<int:pk>/suspend/", view(client_status.suspend), name="oauth_provider_client_suspend"),
            path(
                "<int:pk>/reactivate/",
                view(client_status.reactivate),
                name="oauth_provider_client_reactivate",
            ),
            path(
                "<int:pk>/end-tokens/",
                view(client_status.end_tokens),
                name="oauth_provider_client_end_tokens",
            ),
            path("<int:pk>/secrets/add/", view(client_secret.add), name="oauth_provider_client_secret_add"),
            path(
                "<int:pk>/secrets/<int:secret>/revoke/",
                view(client_secret.revoke),
                name="oauth_provider_client_secret_revoke",
            ),
            *super().get_urls(),
        ]

    def address_of(self, client: Client) -> str:
        """The client's own page."""
        return reverse(f"{self.admin_site.name}:oauth_provider_client_change", args=[client.pk])

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

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        client = kwargs.get("obj")
        if client is not None:
            context.update(self._page_of(request, client))
        return super().render_change_form(request, context, *args, **kwargs)

    def _page_of(self, request: HttpRequest, client: Client) -> dict[str, object]:
        may_suspend = client_status.may_suspend(request)
        return {
            **client_secret.table(client),
            "live": client_status.live(client),
            "client": client,
            "can_suspend": may_suspend and client.status == ClientStatus.ACTIVE,
            "can_reactivate": may_suspend and client.status == ClientStatus.SUSPENDED,
            "can_end_tokens": client_status.may_end_tokens(request),
            "can_rotate_secret": client_secret.may_rotate(request),
            "show_save_and_add_another": False,
        }

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's
        """Nothing of it is saved by Django: `save_related` changes the client by its room."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Form and owners together are one change with one event."""
        wanted = form.arguments({name: form.cleaned_data[name] for name in form.changed_data})
        client = self.client_or_404(request, form.instance.pk)  # as it is, not as the form has filled it
        for formset in formsets:
            formset.save(commit=False)
            gone = {row.user or row.group for row in formset.deleted_objects}
            come = [row.user or row.group for row in formset.new_objects]
            wanted["owners"] = [owner for owner in owners.of(client) if owner not in gone] + come
        changes.change(client, actor=actor_of(request), source=source_of(request), **wanted)
