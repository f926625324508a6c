"""The frame around everything about one client: who may see it, its head with the health line, its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin import client_words, moments
from oauth_provider.clients import initiate_login
from oauth_provider.insight import health
from oauth_provider.models import Client

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from oauth_provider.admin.client import ClientAdmin


@dataclass(frozen=True, slots=True)
class Tab:
    """One page about a client: `name` is in its address and its template; one of `permissions` opens it."""

    name: str
    title: _StrPromise
    permissions: tuple[str, ...] = ()


SETTINGS = Tab("change", _("Settings"))
SECRETS = Tab("secrets", _("Secrets"))
REDIRECT_URIS = Tab("redirect_uris", _("Redirect URIs"))
SCOPES = Tab("scopes", _("Scopes"))
# They name people: seeing the client is not enough.
GRANTS = Tab("grants", _("Grants"), ("view_grant", "revoke_grant"))
EVENTS = Tab("events", _("Events"), ("view_event",))
TABS = (SETTINGS, SECRETS, REDIRECT_URIS, SCOPES, GRANTS, EVENTS)


def has(request: HttpRequest, *permissions: str) -> bool:
    """Whether the person holds one of these permissions of ours."""
    return any(request.user.has_perm(f"oauth_provider.{permission}") for permission in permissions)


def client_of(
    model_admin: ClientAdmin, request: HttpRequest, pk: int, *, tab: Tab = SETTINGS, needs: str = ""
) -> Client:
    """The client of this address; 403 for who may not see it, or this tab of it, or lacks the permission `needs`."""
    if not (model_admin.has_view_permission(request) and _is_open(request, tab)) or (needs and not has(request, needs)):
        raise PermissionDenied
    return model_admin.client_or_404(request, pk)


def hold(pk: int) -> None:
    """Make two clicks wait for each other until the transaction ends: the UPDATE is the lock, on every database."""
    Client.objects.filter(pk=pk).update(status=F("status"))


def address(model_admin: ClientAdmin, client: Client, page: str = SETTINGS.name) -> str:
    """Where a page about the client is."""
    return reverse(f"{model_admin.admin_site.name}:oauth_provider_client_{page}", args=[client.pk])


def show(
    model_admin: ClientAdmin,
    request: HttpRequest,
    client: Client,
    tab: Tab,
    context: dict[str, Any],
    *,
    template: str = "",
) -> TemplateResponse:
    """A tab with its frame. Its template is named as the tab is, unless another page stands in its place."""
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    frame = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": client.name,
        "subtitle": None,
        "original": client,
        "client": client,
        "tab": tab,
        "tabs": [(one, address(model_admin, client, one.name)) for one in TABS if _is_open(request, one)],
        "words": [(word, address(model_admin, client, word.name)) for word in client_words.offered(request, client)],
        # What the status is stands there already, in the words of this page.
        "warnings": [warning for warning in health.health(client) if warning.code != client.status],
        "registered": moments.ago(client.created_at),
        "open_address": initiate_login.address(client),
        "last_used": moments.ago(client.last_used_at, never=gettext("never")),
        "has_view_permission": True,
        "can_change": model_admin.has_change_permission(request),
        **context,
    }
    return TemplateResponse(request, f"admin/oauth_provider/client/{template or tab.name}.html", frame)


def _is_open(request: HttpRequest, tab: Tab) -> bool:
    return not tab.permissions or has(request, *tab.permissions)
