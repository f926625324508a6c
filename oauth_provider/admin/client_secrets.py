"""Secrets of a client: added beside the old one and shown once, revoked after asking."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider.admin import confirm, shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import secrets
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client, ClientSecret

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin

# Days until a new secret expires, as offered.
LIFETIMES: dict[str, Any] = {
    "": gettext_lazy("never"),
    "90": gettext_lazy("in 90 days"),
    "365": gettext_lazy("in a year"),
}
MOST_SHOWN = 50


def may_rotate(request: HttpRequest) -> bool:
    """Whether this person may add and revoke secrets."""
    return request.user.has_perm("oauth_provider.rotate_secret")


def table(client: Client) -> dict[str, object]:
    """What the client's page shows of its secrets; `newest` goes along with the form that adds one."""
    rows = list(ClientSecret.objects.filter(client=client).order_by("-created_at", "-pk")[:MOST_SHOWN])
    now = timezone.now()
    return {
        "secrets": [(row, _state(row, now)) for row in rows],
        "newest": max((row.pk for row in rows), default=0),
        "lifetimes": LIFETIMES.items(),
    }


@sensitive_variables("value")
def add(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Add a secret and answer with it. The form names the newest secret it knew: sent twice, it adds one."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = _client(model_admin, request, pk)
    if client.is_public:
        model_admin.message_user(request, _("A public client has no secret."), messages.ERROR)
        return HttpResponseRedirect(model_admin.address_of(client))
    days = request.POST.get("lifetime", "")
    expires_at = timezone.now() + timedelta(days=int(days)) if days and days in LIFETIMES else None
    with transaction.atomic():
        _lock(client)
        newest = ClientSecret.objects.filter(client=client).aggregate(newest=Max("pk"))["newest"] or 0
        value = None
        if request.POST.get("newest") == str(newest):
            _row, value = secrets.add(client, expires_at=expires_at, actor=actor_of(request), source=source_of(request))
            model_admin.log_change(request, client, [{"added": {"name": "client secret", "object": str(_row)}}])
    if value is None:
        return shown_once.show_again(model_admin, request, client, title=_("The secret is added already"))
    return shown_once.show(model_admin, request, client, value, title=_("The secret is added"))


def revoke(model_admin: ClientAdmin, request: HttpRequest, pk: int, secret: int) -> HttpResponse:
    """Ask, or end one secret. The last live one takes the client down, so its name must be typed."""
    client = _client(model_admin, request, pk)
    with transaction.atomic():
        if request.method == "POST":
            _lock(client)
        row = ClientSecret.objects.filter(client=client, pk=secret).first()
        if row is None:
            raise Http404
        if row.revoked_at is not None:
            model_admin.message_user(request, _("This secret was revoked already."), messages.WARNING)
            return HttpResponseRedirect(model_admin.address_of(client))
        wanted = _confirmation(model_admin, client, row)
        if not confirm.is_given(request, wanted):
            return confirm.ask(model_admin, request, wanted, obj=client)
        secrets.revoke(row, actor=actor_of(request), source=source_of(request))
        model_admin.log_change(request, client, [{"deleted": {"name": "client secret", "object": str(row)}}])
    model_admin.message_user(request, _("Revoked secret …%(hint)s.") % {"hint": row.hint}, messages.SUCCESS)
    return HttpResponseRedirect(model_admin.address_of(client))


def _confirmation(model_admin: ClientAdmin, client: Client, row: ClientSecret) -> confirm.Confirmation:
    others = ClientSecret.objects.live(client).exclude(pk=row.pk).count()
    is_last = others == 0 and ClientSecret.objects.live(client).filter(pk=row.pk).exists()
    used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else _("never, as far as we know")
    consequences = [
        _("Whoever still uses it is refused at once. Last used: %(used)s.") % {"used": used},
        _("Secrets that stay live: %(others)d.") % {"others": others},
    ]
    if is_last:
        consequences.append(_("It is the last live secret: the client cannot authenticate until you add another."))
    return confirm.Confirmation(
        title=_("Revoke secret …%(hint)s of %(name)s?") % {"hint": row.hint, "name": client.name},
        consequences=consequences,
        submit=_("Revoke secret"),
        back=model_admin.address_of(client),
        typed=client.name if is_last else "",
        typed_label=_("Type the client’s name to confirm") if is_last else "",
    )


def _client(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> Client:
    if not (model_admin.has_view_permission(request) and may_rotate(request)):
        raise PermissionDenied
    return model_admin.client_or_404(request, pk)


def _lock(client: Client) -> None:
    """The UPDATE is the lock, on SQLite and PostgreSQL alike: two clicks wait for each other."""
    Client.objects.filter(pk=client.pk).update(status=F("status"))


def _state(row: ClientSecret, now: Any) -> str:
    if row.revoked_at is not None:
        return _("revoked")
    return _("expired") if row.expires_at is not None and row.expires_at <= now else _("live")
