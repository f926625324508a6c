"""Before a dangerous step the person proves again who they are, when signing in lies longer back than
FRESH_SIGN_IN_LIFETIME: a browser left open must not be enough for a new secret, a new redirect URI or a key.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib.auth import authenticate, get_user_model, logout
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from oauth_provider import limits
from oauth_provider.conf import conf
from oauth_provider.sessions import track

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

PASSWORD = "oauth_password"
# The page came instead of a GET: after the password the same address is opened.
OPEN = "oauth_open"
SIGN_OUT = "oauth_sign_out"
_PROVED_AT = "oauth_provider_proved_at"
# As django-allauth keeps it in the session.
_ALLAUTH_RECORDS = "account_authentication_methods"
_OURS = frozenset({PASSWORD, OPEN, SIGN_OUT, "csrfmiddlewaretoken"})
TRIES_PER_MINUTE = 10


def required(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse | None:
    """None when the person may go on; else the page that asks for the password, to be returned by the view.

    What was sent goes along in hidden fields, so that nothing is typed twice. Where django-allauth is installed its
    own page asks, second factor included, and goes on from there.
    """
    if is_fresh(request):
        return None
    if apps.is_installed("allauth.account"):
        _raise_for_allauth(request)
        return None
    if request.method == "POST" and SIGN_OUT in request.POST:
        return _sign_out(model_admin, request)
    if request.method == "POST" and PASSWORD in request.POST:
        if _is_proved(request):
            request.session[_PROVED_AT] = int(time.time())
            opens = OPEN in request.POST
            request.POST = _without_ours(request)
            return HttpResponseRedirect(request.get_full_path()) if opens else None
        return _ask(model_admin, request, error=_("This is not your password, or there were too many tries."))
    return _ask(model_admin, request)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person signed in, or proved who they are, within FRESH_SIGN_IN_LIFETIME seconds."""
    signed_in = track.auth_time(request.session)
    moments = [request.session.get(_PROVED_AT, 0), signed_in.timestamp() if signed_in else 0]
    moments += [record.get("at", 0) for record in request.session.get(_ALLAUTH_RECORDS, ())]
    return bool(time.time() - max(moments) < conf.FRESH_SIGN_IN_LIFETIME)


def _raise_for_allauth(request: HttpRequest) -> None:
    """Let django-allauth's middleware ask. Who has neither password nor second factor there cannot be asked."""
    from allauth.account.adapter import get_adapter  # noqa: PLC0415  # installed or not
    from allauth.core.exceptions import ReauthenticationRequired  # noqa: PLC0415

    if get_adapter().get_reauthentication_methods(request.user):
        raise ReauthenticationRequired


def _sign_out(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """For who signs in without a password here: through the site's own door, and back to this address."""
    query = urlencode({"next": request.get_full_path()})
    logout(request)
    return HttpResponseRedirect(f"{reverse(f'{model_admin.admin_site.name}:login')}?{query}")


@sensitive_variables("password")
def _is_proved(request: HttpRequest) -> bool:
    """By every backend of the site, so that LDAP passwords count too; tries are counted."""
    key = f"fresh_sign_in\x00{request.user.pk}"
    if limits.failures(key) >= TRIES_PER_MINUTE:
        return False
    name = {get_user_model().USERNAME_FIELD: request.user.get_username()}
    password = request.POST.get(PASSWORD, "")
    user = authenticate(request, password=password, **name)
    if user is None or user.pk != request.user.pk:
        limits.count_failure(key)
        return False
    return True


def _without_ours(request: HttpRequest) -> Any:
    kept = request.POST.copy()
    for name in _OURS:
        kept.pop(name, None)
    return kept


def _ask(model_admin: admin.ModelAdmin[Any], request: HttpRequest, *, error: str = "") -> TemplateResponse:
    request.current_app = model_admin.admin_site.name  # read by {% url %}
    is_open = request.method != "POST" or OPEN in request.POST
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Is it you?"),
        "error": error,
        "carried": [] if is_open else [(name, value) for name, values in request.POST.lists()
                                       if name not in _OURS for value in values],
        "opens": is_open,
        "password_field": PASSWORD,
        "open_field": OPEN,
        "minutes": max(1, conf.FRESH_SIGN_IN_LIFETIME // 60),
        "sign_out_field": SIGN_OUT,
        "has_view_permission": model_admin.has_view_permission(request),
    }  # fmt: skip
    status = 403 if error else 200
    response = TemplateResponse(request, "admin/oauth_provider/fresh_sign_in.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
