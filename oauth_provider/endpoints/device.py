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

from oauth_provider import scopes as known_scopes
from oauth_provider.clients import authorization_details
from oauth_provider.consent import choice, chosen_objects, devices, picker
from oauth_provider.endpoints import permissions, ui_locales
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.forms import form_page
from oauth_provider.endpoints.pages import describe_app, page
from oauth_provider.endpoints.viewer import SeeOther, login_url, viewer_of
from oauth_provider.models import Consent, DeviceCode
from oauth_provider.server import device_pipeline
from oauth_provider.values import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.authorization.parameters import Viewer
    from oauth_provider.values import Source

_MAX_ENTERED = 64
_MAX_DEVICE = 40


@form_page
@csrf_protect
@transaction.non_atomic_requests
@hides_values
@ui_locales.for_this_request
def device(request: HttpRequest) -> HttpResponse:
    """GET never decides, whatever its address says (DE4); the code in the address only fills the field."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    ui_locales.speak(request.GET.get("ui_locales"))
    viewer = viewer_of(request)
    if viewer.user is None:
        return SeeOther(login_url(request.get_full_path()))
    if request.method != "POST":
        entered = request.GET.get("user_code", "")[:_MAX_ENTERED]
        # Only to the person who has entered it: an address alone leads no further than the field.
        row = device_pipeline.reopen(entered, user=viewer.user) if chosen_objects.is_used(request.GET) else None
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
    return _decide(request, found, viewer=viewer, user=viewer.user, source=source)


def _decide(
    request: HttpRequest, found: DeviceCode, *, viewer: Viewer, user: AbstractBaseUser, source: Source
) -> HttpResponse:
    # Sent twice, or anything else than "allow": no.
    is_allowed = request.POST.getlist("decision") == [Decision.ALLOW.value]
    scopes, sent = tuple(found.scopes), request.POST.dict()
    if is_allowed:
        chosen = choice.read(sent)
        scopes = choice.chosen(found.client, found.scopes, chosen)
        if found.scopes and not scopes:
            return _confirm(request, found, sent={**sent, choice.NOTHING: "yes"})
        if choice.asks_twice(found.client, scopes) and not chosen.is_sure:
            return _ask_twice(request, found, scopes=scopes, sent=sent)
    decision = Decision.ALLOW if is_allowed else Decision.DENY
    decided = device_pipeline.decide(
        found, user=user, viewer=viewer, decision=decision, source=source, scopes=scopes, sent=sent
    )
    if isinstance(decided, chosen_objects.Mistake):
        again = {**choice.again(sent), **chosen_objects.again(sent, decided)}
        return _confirm(request, found, sent={"user_code": sent.get("user_code", ""), **again})
    if not decided:
        return _enter(request, entered="", error=_("This code is not available any more."), status=400)
    return page(request, "device/done.html", {"allowed": is_allowed, "app": describe_app(found.client)})


def _address(request: HttpRequest) -> str:
    return ui_locales.keep(reverse("oauth_provider:device"), request.GET.get("ui_locales"))


def _why(found: device_pipeline.NotFound) -> str:
    if found.locked:
        return _("Too many wrong codes. Wait a few minutes, then start again on your device.")
    return _("This code is not right, or it has run out. Check it, or start again on your device.")


def _enter(request: HttpRequest, *, entered: str, error: str = "", status: int = 200) -> HttpResponse:
    context = {"device_url": _address(request), "user_code": entered, "error": error}
    return page(request, "device/enter.html", context, status=status)


def _confirm(request: HttpRequest, row: DeviceCode, *, sent: Mapping[str, str]) -> HttpResponse:
    code = _code_of(sent)
    user = cast("AbstractBaseUser", request.user)
    chosen = choice.read(sent) if any(map(choice.is_used, sent)) else None
    consent = Consent.objects.of(user, row.client)
    groups = permissions.grouped(row.client, row.scopes, consent=consent, chosen=chosen)
    error = _("Choose at least one permission, or deny.") if choice.NOTHING in sent else ""
    context = {
        "app": describe_app(row.client, with_owner=True),
        "user_label": user.get_username(),
        "switch_user_url": login_url(_address(request)),
        "groups": groups,
        "is_new": any(one.new for group in groups for one in group.permissions),
        "is_optional": any(one.field for group in groups for one in group.permissions),
        "error": error,
        "user_code": code,
        "address": row.address,
        "device_label": devices.describe(row.user_agent) or row.user_agent[:_MAX_DEVICE],
        "requested_at": row.created_at,
        "is_new_request": timezone.now() - row.created_at < timedelta(minutes=1),
        "device_url": _address(request),
        "picker": picker.show(
            user,
            scopes=row.scopes,
            details=authorization_details.load(row.authorization_details),
            before={} if consent is None else consent.targets,
            sent=sent,
        ),
        "picker_url": reverse("oauth_provider:device"),
        "picker_fields": [("user_code", code), *(choice.again(sent).items() if chosen else ())],
    }
    return page(request, "device/confirm.html", context, status=400 if error else 200)


def _ask_twice(
    request: HttpRequest, row: DeviceCode, *, scopes: tuple[str, ...], sent: Mapping[str, str]
) -> HttpResponse:
    context = {
        "app": describe_app(row.client),
        "user_label": cast("AbstractBaseUser", request.user).get_username(),
        "groups": permissions.grouped(row.client, known_scopes.sensitive(scopes)),
        "fields": [("user_code", _code_of(sent)), *choice.fields(sent), *chosen_objects.fields(sent)],
        "decision_url": _address(request),
        "switch_user_url": login_url(_address(request)),
    }
    return page(request, "consent_again.html", context)


def _code_of(sent: Mapping[str, str]) -> str:
    """The user code as it is shown again."""
    entered = device_pipeline.normalise(sent.get("user_code", "")[:_MAX_ENTERED])
    return device_pipeline.format_user_code(entered or "")
