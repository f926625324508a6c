"""A TV without a keyboard: the device flow (RFC 8628). Each look at its page polls once; tv.js looks, or a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import segno
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from demo_project.clients import credentials, journal
from demo_project.clients.settings import PROVIDER
from demo_project.policy import policy

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from requests import Response

NAME = "tv"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_DEVICE = "tv.device"
_START = "clients:tv"
_recorded = journal.recorded(NAME, starts_again_at=_START)


@require_GET
@_recorded
def screen(request: HttpRequest) -> HttpResponse:
    """What the TV shows: a button, a code to type elsewhere, or the person's notes."""
    device = request.session.get(_DEVICE)
    if device is None:
        return render(request, "clients/tv_start.html", {"journal": journal.of(request, NAME)})
    if "access_token" not in device:
        return _poll(request, device)
    profile, notes = _read(device)
    if profile.status_code == 401 and "refresh_token" in device:
        form = {"grant_type": "refresh_token", "refresh_token": device["refresh_token"]}
        status, members = _post("/token", form)
        if status == 200:
            device = request.session[_DEVICE] = {**device, **members}
            profile, notes = _read(device)
    context = {
        "profile": profile.json() if profile.ok else None,
        "notes": notes.json() if notes.ok else [],
        "journal": journal.of(request, NAME),
    }
    return render(request, "clients/tv_done.html", context)


@require_POST
@_recorded
def connect(request: HttpRequest) -> HttpResponse:
    """Ask for a code to show (RFC 8628 §3.1)."""
    journal.forget(request, NAME)
    status, members = _post("/device_authorization", {"scope": "read"})
    if status != 200:
        message = f"No code: the provider answered “{members.get('error')}”."
        return journal.refused(request, NAME, message, starts_again_at=_START)
    request.session[_DEVICE] = members
    return redirect(_START)


@require_POST
@_recorded
def forget(request: HttpRequest) -> HttpResponse:
    """Switch the TV off: its tokens are revoked and forgotten."""
    device = request.session.get(_DEVICE, {})
    if "access_token" in device:
        _post("/revoke", {"token": device.get("refresh_token") or device["access_token"]})
    request.session.pop(_DEVICE, None)
    return redirect(_START)


def _poll(request: HttpRequest, device: dict[str, Any]) -> HttpResponse:
    status, members = _post("/token", {"grant_type": GRANT_TYPE, "device_code": device["device_code"]})
    if status == 200:
        request.session[_DEVICE] = members
        return redirect(_START)
    if members.get("error") in {"authorization_pending", "slow_down"}:
        if members["error"] == "slow_down":
            # RFC 8628 §3.5: five seconds more, for this and all later requests.
            device = request.session[_DEVICE] = {**device, "interval": int(device.get("interval", 5)) + 5}
        response = render(request, "clients/tv_code.html", _waiting(request, device))
        response["Content-Security-Policy"] = policy(script_src="'self'", connect_src="'self'")
        return response
    request.session.pop(_DEVICE)
    message = (
        "The code was refused on the other device." if members.get("error") == "access_denied" else "The code is old."
    )
    return journal.refused(request, NAME, message, starts_again_at=_START)


def _read(device: dict[str, Any]) -> tuple[Response, Response]:
    with journal.RecordingSession(token={"access_token": device["access_token"], "token_type": "Bearer"}) as session:
        return session.get(f"{PROVIDER}/api/user-profile"), session.get(f"{PROVIDER}/api/notes")


def _waiting(request: HttpRequest, device: dict[str, Any]) -> dict[str, Any]:
    code = segno.make(device["verification_uri_complete"], error="m", micro=False)
    # Drawn by segno from an address of the provider: paths and numbers, nothing a person typed.
    drawing = mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="demo-qr-drawing", lineclass=None))  # noqa: S308
    return {
        "device": device,
        "seconds": int(device.get("interval", 5)) + 1,
        "drawing": drawing,
        "journal": journal.of(request, NAME),
    }


def _post(path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Call an endpoint as a public client does: by its id alone (RFC 6749 §3.2.1)."""
    with journal.RecordingSession() as session:
        answer = session.post(
            f"{PROVIDER}{path}",
            data={"client_id": credentials.of(NAME).client_id, **form},
            headers={"User-Agent": "NotesTV/1.0 (demo)"},
            withhold_token=True,
        )
    return answer.status_code, answer.json() if answer.content else {}
