"""Secrets of a client: one is added beside the old one and shown once, and the old one retired when it is quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from oauth_provider.admin import client_page, client_rotation, confirm, fresh_sign_in, shown_once
from oauth_provider.admin.actor import actor_of
from oauth_provider.clients import secrets
from oauth_provider.endpoints.base import source_of
from oauth_provider.models import Client, ClientSecret
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin

# Days until a new secret expires, as offered.
LIFETIMES: dict[str, Any] = {
    "": gettext_lazy("never"),
    "90": gettext_lazy("in 90 days"),
    "180": gettext_lazy("in 180 days"),
    "365": gettext_lazy("in a year"),
}
MOST_SHOWN = 50


def page(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the secrets, never their values; `newest` goes along with the form that adds one."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SECRETS)
    found = list(ClientSecret.objects.filter(client=client).order_by("-created_at", "-pk")[:MOST_SHOWN])
    rows = [client_rotation.row(secret) for secret in found]
    context = {
        "rows": [row for row in rows if row.is_live],
        "ended": [row for row in rows if not row.is_live],
        "rotation": client_rotation.of(rows),
        # The hash that django-oauth-toolkit keeps counts until a digest of ours stands for the same value.
        "hashed": client.profile == Profile.IMPORTED
        and bool(client.application.client_secret)
        and not any(secret.imported for secret in found),
        "newest": max((secret.pk for secret in found), default=0),
        "lifetimes": LIFETIMES.items(),
        "can_rotate": client_page.has(request, "rotate_secret"),
        "add_address": client_page.address(model_admin, client, "secret_add"),
    }
    return client_page.show(model_admin, request, client, client_page.SECRETS, context)


@sensitive_variables("value")
def add(model_admin: ClientAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Add a secret and answer with it. The form names the newest secret it knew: sent twice, it adds one."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SECRETS, needs="rotate_secret")
    if (asked := fresh_sign_in.required(model_admin, request)) is not None:
        return asked
    if client.is_public:
        model_admin.message_user(request, _("A public client has no secret."), messages.ERROR)
        return _back(model_admin, client)
    days = request.POST.get("lifetime", "")
    expires_at = timezone.now() + timedelta(days=int(days)) if days and days in LIFETIMES else None
    with transaction.atomic():
        client_page.hold(client.pk)
        newest = ClientSecret.objects.filter(client=client).aggregate(newest=Max("pk"))["newest"] or 0
        value = None
        if request.POST.get("newest") == str(newest):
            row, value = secrets.add(client, expires_at=expires_at, actor=actor_of(request), source=source_of(request))
            model_admin.log_change(request, client, [{"added": {"name": "client secret", "object": str(row)}}])
    if value is None:
        return shown_once.show_again(model_admin, request, client, title=_("The secret is added already"))
    return shown_once.show(model_admin, request, client, value, title=_("The secret is added"))


def retire(model_admin: ClientAdmin, request: HttpRequest, pk: int, secret: int) -> HttpResponse:
    """Ask, or end one secret. The last live one takes the client down, so its name must be typed."""
    client = client_page.client_of(model_admin, request, pk, tab=client_page.SECRETS, needs="rotate_secret")
    with transaction.atomic():
        if request.method == "POST":
            client_page.hold(client.pk)
        row = ClientSecret.objects.filter(client=client, pk=secret).first()
        if row is None:
            raise Http404
        if row.revoked_at is not None:
            model_admin.message_user(request, _("This secret was retired already."), messages.WARNING)
            return _back(model_admin, client)
        wanted = _confirmation(model_admin, client, row)
        if not confirm.is_given(request, wanted):
            return confirm.ask(model_admin, request, wanted, obj=client)
        secrets.revoke(row, actor=actor_of(request), source=source_of(request))
        model_admin.log_change(request, client, [{"deleted": {"name": "client secret", "object": str(row)}}])
    model_admin.message_user(request, _("Retired secret …%(hint)s.") % {"hint": row.hint}, messages.SUCCESS)
    return _back(model_admin, client)


def _confirmation(model_admin: ClientAdmin, client: Client, row: ClientSecret) -> confirm.Confirmation:
    others = ClientSecret.objects.live(client).exclude(pk=row.pk).count()
    is_last = others == 0 and ClientSecret.objects.live(client).filter(pk=row.pk).exists()
    consequences = [
        _("Whoever still uses it is refused at once."),
        _("Secrets that stay live: %(others)d.") % {"others": others},
    ]
    if is_last:
        consequences.append(_("It is the last live secret: the client cannot authenticate until you add another."))
    return confirm.Confirmation(
        title=_("Retire secret …%(hint)s of %(name)s?") % {"hint": row.hint, "name": client.name},
        summary=format_html(_("Last used: {}."), client_rotation.last_used(row)),
        consequences=consequences,
        submit=_("Retire secret"),
        back=client_page.address(model_admin, client, client_page.SECRETS.name),
        typed=client.name if is_last else "",
        typed_label=_("Type the client’s name to confirm") if is_last else "",
        is_grave=is_last,
    )


def _back(model_admin: ClientAdmin, client: Client) -> HttpResponse:
    return HttpResponseRedirect(client_page.address(model_admin, client, client_page.SECRETS.name))
