"""Found a token in a log: paste it, see what it is, end it. The pasted value goes nowhere but into the look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from oauth_provider.admin import client_page, confirm
from oauth_provider.admin.actor import actor_of
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.insight import revocable
from oauth_provider.insight.find_token import look_up
from oauth_provider.insight.found import Found

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.admin.client import ClientAdmin


def may_find(request: HttpRequest) -> bool:
    """Whether this person may look up what was pasted: it shows clients and grants."""
    return request.user.has_perms(["oauth_provider.view_client", "oauth_provider.view_grant"])


def may_revoke(request: HttpRequest) -> bool:
    """Whether this person may end what was found."""
    return may_find(request) and request.user.has_perm("oauth_provider.revoke_grant")


def find_token(model_admin: ClientAdmin, request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST what was pasted; the page never shows the value again (C65)."""
    return _find(request, model_admin=model_admin)


@hides_values
def _find(request: HttpRequest, *, model_admin: ClientAdmin) -> HttpResponse:
    if not may_find(request):
        raise PermissionDenied
    context = _context(model_admin, request)
    if request.method == "POST":
        found = look_up(request.POST.get("value", ""), actor=actor_of(request), source=source_of(request))
        context |= {"asked": True, **_shown(request, found)}
    response = TemplateResponse(request, "admin/oauth_provider/client/find_token.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest, found: Any) -> dict[str, object]:
    if not isinstance(found, Found):
        return {"not_found": found}
    may_end = may_revoke(request)
    reference = revocable.reference_to(found) if may_end else None
    grant = found.grant
    return {
        "found": found,
        "can_revoke_family": may_end and grant is not None and grant.revoked_at is None,
        "reference": "" if reference is None else reference.signed(),
        "can_revoke_secret": found.secret is not None
        and found.secret.revoked_at is None
        and client_page.has(request, "rotate_secret"),
        "user_address": _address_of(request, found.user),
    }


def _address_of(request: HttpRequest, user: Any | None) -> str:
    """The person's own page, for whom may see it on a site that has one."""
    if user is None:
        return ""
    opts = user._meta
    if not request.user.has_perm(f"{opts.app_label}.view_{opts.model_name}"):
        return ""
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[user.pk])
    except NoReverseMatch:
        return ""


def revoke_token(model_admin: ClientAdmin, request: HttpRequest) -> HttpResponse:
    """Ask, or end the one token of a signed reference, which is what the page carries."""
    if not may_revoke(request):
        raise PermissionDenied
    back = reverse(f"{model_admin.admin_site.name}:oauth_provider_client_find_token")
    signed = request.POST.get("reference", "")
    reference = revocable.read(signed)
    if reference is None:
        model_admin.message_user(request, _("This page is too old. Paste the token again."), messages.WARNING)
        return HttpResponseRedirect(back)
    wanted = confirm.Confirmation(
        title=_("Revoke this one token?"),
        consequences=[
            _("It is refused at once by everyone who asks this site; the grant and its other tokens go on."),
            _("A client with a refresh token gets itself another. To stop that, revoke the family."),
            _("This cannot be undone."),
        ],
        submit=_("Revoke this token"),
        back=back,
        hidden=[("reference", signed)],
    )
    if not confirm.is_given(request, wanted):
        return confirm.ask(model_admin, request, wanted)
    client = revocable.end(reference, actor=actor_of(request), source=source_of(request))
    if client is None:
        model_admin.message_user(request, _("This had ended already. Nothing was changed."), messages.WARNING)
    else:
        model_admin.log_change(request, client, _("Revoked one token."))
        model_admin.message_user(
            request, _("The token of %(name)s is revoked.") % {"name": client.name}, messages.SUCCESS
        )
    return HttpResponseRedirect(back)


def _context(model_admin: ClientAdmin, request: HttpRequest) -> dict[str, object]:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Found a token?"),
        "has_view_permission": model_admin.has_view_permission(request),
    }
