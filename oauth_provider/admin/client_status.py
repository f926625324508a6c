"""Suspending a client, letting it work again, ending its tokens: asked about first, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.db.models.functions import Now
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from oauth_provider.admin import confirm
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import status
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Grant
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin
    from oauth_provider.models import Client


def may_suspend(request: HttpRequest) -> bool:
    """Whether this person may suspend clients and let them work again."""
    return request.user.has_perm("oauth_provider.suspend_client")


def may_end_tokens(request: HttpRequest) -> bool:
    """Whether this person may end the grants of a client."""
    return request.user.has_perm("oauth_provider.revoke_grant")


def live(client: Client) -> dict[str, int]:
    """Live grants and people of a client; one statement."""
    rows = Grant.objects.filter(client=client, revoked_at=None, expires_at__gt=Now())
    return rows.aggregate(grants=Count("pk"), people=Count("user", distinct=True))


def suspend(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, or refuse the client and its tokens from now on."""
    client = _client(model_admin, request, pk, allowed=may_suspend(request))
    if client.status != ClientStatus.ACTIVE:
        return _no_change(model_admin, request, client, _("Only an active client can be suspended."))
    wanted = confirm.Confirmation(
        title=_("Suspend %(name)s?") % {"name": client.name},
        consequences=[
            _("Live grants that stop working: %(grants)d. People: %(people)d.") % live(client),
            _("The client is refused at every endpoint and each of its tokens at every check, from now on."),
            _("Reactivating lets tokens that have not expired work again; to end them, end all tokens."),
        ],
        submit=_("Suspend"),
        back=model_admin.address_of(client),
    )
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted, obj=client)
    status.suspend(client, actor=actor_of(request), source=source_of(request))
    return _done(model_admin, request, client, _("%(name)s is suspended."))


def reactivate(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, or let a suspended client work again."""
    client = _client(model_admin, request, pk, allowed=may_suspend(request))
    if client.status != ClientStatus.SUSPENDED:
        return _no_change(model_admin, request, client, _("Only a suspended client can be reactivated."))
    wanted = confirm.Confirmation(
        title=_("Reactivate %(name)s?") % {"name": client.name},
        consequences=[
            _("Live grants that work again: %(grants)d. People: %(people)d.") % live(client),
            _("If it was suspended because a secret leaked, revoke that secret first."),
        ],
        submit=_("Reactivate"),
        back=model_admin.address_of(client),
    )
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted, obj=client)
    status.reactivate(client, actor=actor_of(request), source=source_of(request))
    return _done(model_admin, request, client, _("%(name)s is active again."))


def end_tokens(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, or end every token the client has."""
    client = _client(model_admin, request, pk, allowed=may_end_tokens(request))
    wanted = confirm.Confirmation(
        title=_("End all tokens of %(name)s?") % {"name": client.name},
        consequences=[
            _("Live grants that end: %(grants)d. People who must sign in again: %(people)d.") % live(client),
            _("Tokens the client got for itself end too. Unless suspended it may get new ones at once."),
            _("This cannot be undone."),
        ],
        submit=_("End all tokens"),
        back=model_admin.address_of(client),
    )
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted, obj=client)
    status.end_tokens(client, actor=actor_of(request), source=source_of(request))
    return _done(model_admin, request, client, _("Every token of %(name)s has ended."))


def _client(model_admin: ClientAdmin, request: HttpRequest, pk: int, *, allowed: bool) -> Client:
    if not (allowed and model_admin.has_view_permission(request)):
        raise PermissionDenied
    return model_admin.client_or_404(request, pk)


def _done(model_admin: ClientAdmin, request: HttpRequest, client: Client, sentence: str) -> HttpResponse:
    text = sentence % {"name": client.name}
    model_admin.log_change(request, client, text)
    model_admin.message_user(request, text, messages.SUCCESS)
    return HttpResponseRedirect(model_admin.address_of(client))


def _no_change(model_admin: ClientAdmin, request: HttpRequest, client: Client, sentence: str) -> HttpResponse:
    model_admin.message_user(request, sentence, messages.WARNING)
    return HttpResponseRedirect(model_admin.address_of(client))
