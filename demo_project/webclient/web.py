"""A web app with a server of its own: code flow with PKCE, then the API (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from demo_project.webclient import provider
from demo_project.webclient.models import Registration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

NAME = "web"
_PENDING = "webclient.pending"
_TOKENS = "webclient.tokens"
_SCOPE = "openid read write"


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The app's front page, or what it got."""
    tokens = request.session.get(_TOKENS)
    if tokens is None:
        return render(request, "demo/start.html", {"scope": _SCOPE})
    return render(request, "demo/tokens.html", _describe(tokens))


@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """Send the browser to the authorization server."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    request.session[_PENDING] = {"state": state, "verifier": verifier}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": _registration().client_id,
        "redirect_uri": _redirect_uri(),
        "scope": _SCOPE,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return HttpResponseRedirect(f"{provider.address('/authorize')}?{urlencode(query)}")


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the code, if the answer is ours, and exchange it from server to server."""
    pending = request.session.pop(_PENDING, None)
    answer = request.GET
    # RFC 6749 §10.12: an answer to a question this browser did not ask is thrown away.
    if pending is None or not secrets.compare_digest(answer.get("state", ""), pending["state"]):
        return _refuse(request, "This answer belongs to no request of this browser.")
    # RFC 9207 §2.4: the answer must come from the server that was asked.
    if answer.get("iss") != provider.address(""):
        return _refuse(request, "This answer comes from another authorization server.")
    if "error" in answer:
        return _refuse(request, f"The authorization server answered “{answer['error']}”.")
    form = {
        "grant_type": "authorization_code",
        "code": answer.get("code", ""),
        "redirect_uri": _redirect_uri(),
        "code_verifier": pending["verifier"],
    }
    reply = provider.post("/token", _registration(), form)
    if not reply.is_ok:
        return _refuse(request, f"The code was not exchanged: “{reply.get('error')}”.")
    request.session[_TOKENS] = reply.members
    return redirect("webclient:start")


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Exchange the refresh token for its successor and a new access token (RFC 6749 §6)."""
    tokens = request.session.get(_TOKENS, {})
    form = {"grant_type": "refresh_token", "refresh_token": tokens.get("refresh_token", "")}
    reply = provider.post("/token", _registration(), form)
    if not reply.is_ok:
        request.session.pop(_TOKENS, None)
        return _refuse(request, f"The refresh token was not accepted: “{reply.get('error')}”.")
    # RFC 6749 §5.1: what the answer leaves out stays as it was.
    request.session[_TOKENS] = {**tokens, **dict(reply.members)}
    return redirect("webclient:start")


@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Revoke the refresh token, and with it everything that followed from it (RFC 7009)."""
    tokens = request.session.pop(_TOKENS, {})
    if tokens:
        provider.post("/revoke", _registration(), {"token": tokens.get("refresh_token") or tokens["access_token"]})
    return redirect("webclient:start")


def _registration() -> Registration:
    return Registration.objects.get(name=NAME)


def _redirect_uri() -> str:
    return provider.address(reverse("webclient:callback"))


def _refuse(request: HttpRequest, message: str) -> HttpResponse:
    return render(request, "demo/refused.html", {"message": message}, status=400)


def _describe(tokens: Mapping[str, Any]) -> dict[str, object]:
    """What the page shows: claims and members, never a whole token."""
    access_token = str(tokens["access_token"])
    return {
        "members": {name: shorten(value) for name, value in tokens.items()},
        "access_token_claims": provider.read_claims(access_token),
        "id_token_claims": provider.read_claims(str(tokens.get("id_token", ""))),
        "profile": provider.call_api("/api/user-profile", access_token),
        "notes": provider.call_api("/api/notes", access_token),
    }


def shorten(value: object) -> str:
    """The beginning of a long value: enough to recognise it, too little to use it."""
    text = str(value)
    return text if len(text) <= 24 else f"{text[:12]}…"
