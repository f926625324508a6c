"""GET|POST /device: a person enters the code of a device, reads who asks, and decides (RFC 8628 §3.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from oauth_provider import scopes
from oauth_provider.clients import authorization_details
from oauth_provider.consent import choice, picker
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.forms import form_page
from oauth_provider.endpoints.pages import describe_app, page
from oauth_provider.endpoints.viewer import SeeOther, login_url, viewer_of
from oauth_provider.models import DeviceCode
from oauth_provider.server import device_pipeline
from oauth_provider.values import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.authorization.parameters import Viewer
    from oauth_provider.values import Source

_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari", "curl")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_MAX_ENTERED = 64


@form_page
@csrf_protect
@transaction.non_atomic_requests
@hides_values
def device(request: HttpRequest) -> HttpResponse:
    """GET never decides, whatever its address says (DE4); the code in the address only fills the field."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    viewer = viewer_of(request)
    if viewer.user is None:
        return SeeOther(login_url(request.get_full_path()))
    if request.method != "POST":
        entered = request.GET.get("user_code", "")[:_MAX_ENTERED]
        # Only to the person who has entered it: an address alone leads no further than the field.
        row = device_pipeline.reopen(entered, user=viewer.user) if choice.is_used(request.GET) else None
        return _enter(request, entered=entered) if row is None else _confirm(request, row, sent=request.GET)
    entered = request.POST.get("user_code", "")[:_MAX_ENTERED]
    source = source_of(request)
    found = device_pipeline.find(entered, user=viewer.user, source=source)
    if isinstance(found, device_pipeline.NotFound):
        return _enter(request, entered=entered, error=_why(found), status=429 if found.locked else 400)
    if isinstance(found, device_pipeline.NotForYou):
        return page(request, "not_for_you.html", {"app": describe_app(found.client)}, status=403)
    if "decision" not in request.POST:
        return _confirm(request, found, sent=request.POST)
    return _decide(request, found, viewer=viewer, entered=entered, source=source)


def _decide(request: HttpRequest, row: DeviceCode, *, viewer: Viewer, entered: str, source: Source) -> HttpResponse:
    # Sent twice, or anything else than "allow": no.
    is_allowed = request.POST.getlist("decision") == [Decision.ALLOW.value]
    decision = Decision.ALLOW if is_allowed else Decision.DENY
    decided = device_pipeline.decide(
        row,
        user=cast("AbstractBaseUser", viewer.user),
        viewer=viewer,
        decision=decision,
        source=source,
        sent=request.POST,
    )
    if isinstance(decided, choice.Mistake):
        return _confirm(request, row, sent={"user_code": entered, **choice.again(request.POST, decided)})
    if not decided:
        return _enter(request, entered="", error=_("This code is not available any more."), status=400)
    return page(request, "device/done.html", {"allowed": is_allowed, "app": describe_app(row.client)})


def _why(found: device_pipeline.NotFound) -> str:
    if found.locked:
        return _("Too many wrong codes. Wait a few minutes, then start again on your device.")
    return _("This code is not right, or it has run out. Check it, or start again on your device.")


def _enter(request: HttpRequest, *, entered: str, error: str = "", status: int = 200) -> HttpResponse:
    context = {"device_url": reverse("oauth_provider:device"), "user_code": entered, "error": error}
    return page(request, "device/enter.html", context, status=status)


def _confirm(request: HttpRequest, row: DeviceCode, *, sent: Mapping[str, str]) -> HttpResponse:
    code = device_pipeline.format_user_code(device_pipeline.normalise(sent.get("user_code", "")[:_MAX_ENTERED]) or "")
    user = cast("AbstractBaseUser", request.user)
    context = {
        "app": describe_app(row.client),
        "user_label": user.get_username(),
        "switch_user_url": login_url(reverse("oauth_provider:device")),
        "scopes": [
            {
                "name": scope.name,
                "label": scope.label or scope.name,
                "description": scope.description,
                "sensitive": scope.sensitive,
                "new": False,
            }
            for scope in scopes.describe(row.scopes)
        ],
        "user_code": code,
        "address": row.address,
        "device_label": _label(row.user_agent),
        "requested_at": row.created_at,
        "is_new": timezone.now() - row.created_at < timedelta(minutes=1),
        "device_url": reverse("oauth_provider:device"),
        "picker": picker.show(
            user,
            scopes=row.scopes,
            details=authorization_details.load(row.authorization_details),
            before={},
            sent=sent,
        ),
        "picker_url": reverse("oauth_provider:device"),
        "picker_fields": [("user_code", code)],
    }
    return page(request, "device/confirm.html", context)


def _label(user_agent: str) -> str:
    """A user agent in two words; a device may write there what it likes, so it is never more than a hint."""
    browser = next((name for name in _BROWSERS if name in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return " · ".join(part for part in (browser.replace("Edg", "Edge"), system) if part) or user_agent[:40]
