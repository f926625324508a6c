"""A TV without a keyboard: the device flow (RFC 8628). The page reloads itself, so no script is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from demo_project.webclient import provider
from demo_project.webclient.models import Registration

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NAME = "tv"
_DEVICE = "webclient.tv"


@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """What the TV shows: a button, a code to type elsewhere, or the person's name."""
    device = request.session.get(_DEVICE)
    if device is None:
        return render(request, "demo/tv_start.html")
    if "access_token" not in device:
        return _poll(request, device)
    profile = provider.call_api("/api/user-profile", device["access_token"])
    return render(request, "demo/tv_done.html", {"profile": profile})


@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Ask for a code to show (RFC 8628 §3.1)."""
    reply = provider.post("/device_authorization", _registration(), {"scope": "read"})
    if not reply.is_ok:
        return render(request, "demo/refused.html", {"message": f"No code: “{reply.get('error')}”."}, status=400)
    request.session[_DEVICE] = reply.members
    return redirect("webclient:tv")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Switch the TV off: its tokens are revoked and forgotten."""
    device = request.session.pop(_DEVICE, {})
    if "access_token" in device:
        provider.post("/revoke", _registration(), {"token": device.get("refresh_token") or device["access_token"]})
    return redirect("webclient:tv")


def _poll(request: HttpRequest, device: dict[str, str]) -> HttpResponse:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
    }
    reply = provider.post("/token", _registration(), form)
    if reply.is_ok:
        request.session[_DEVICE] = dict(reply.members)
        return redirect("webclient:tv")
    if reply.get("error") in {"authorization_pending", "slow_down"}:
        return render(request, "demo/tv_code.html", {"device": device, "seconds": int(device.get("interval", 5)) + 1})
    request.session.pop(_DEVICE)
    message = (
        "The code was refused on the other device." if reply.get("error") == "access_denied" else "The code is too old."
    )
    return render(request, "demo/refused.html", {"message": message, "again": "webclient:tv"}, status=400)


def _registration() -> Registration:
    return Registration.objects.get(name=NAME)
