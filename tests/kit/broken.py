"""What a careless site may do: views, middleware and replaced parts, each of which some attack must find."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

logger = logging.getLogger("site")


def redirect_blindly(request: Any) -> HttpResponse:
    """A sign-in or sign-out page that follows `next`."""
    response = HttpResponse(status=302)
    response["Location"] = request.GET.get("next", "/")
    return response


def open_to_all(request: Any) -> JsonResponse:
    """Nobody asks for anything."""
    return JsonResponse({})


def _claims(token: str) -> dict[str, Any]:
    segment = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        return {}


def trusting(request: Any) -> JsonResponse:
    """Reads a JWT, from the header or the address, and believes it."""
    sent = request.headers.get("Authorization", "") or request.GET.get("Authorization", "")
    token = sent.partition(" ")[2] or request.GET.get("access_token", "") or request.GET.get("token", "")
    return JsonResponse({}, status=200 if "sub" in _claims(token) else 401)


def closed(request: Any) -> JsonResponse:
    """Lets in nobody: attacks on it prove nothing."""
    return JsonResponse({}, status=401)


urlpatterns = [
    path("login-open", redirect_blindly),
    path("logout-open", redirect_blindly),
    path("open", open_to_all),
    path("trusting", trusting),
    path("closed", closed),
    path("admin/", admin.site.urls),
    path("", include("oauth_provider.urls")),
]


# ── middleware ──────────────────────────────────────────────────────────────────────────────────────────────


def frames_allowed(get_response: Any) -> Any:
    def respond(request: Any) -> Any:
        response = get_response(request)
        for name in ("X-Frame-Options", "Content-Security-Policy"):
            response.headers.pop(name, None)
        return response

    return respond


def every_origin_allowed(get_response: Any) -> Any:
    def respond(request: Any) -> Any:
        response = get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return respond


def csrf_off(get_response: Any) -> Any:
    def respond(request: Any) -> Any:
        request._dont_enforce_csrf_checks = True
        return get_response(request)

    return respond


def everything_logged(get_response: Any) -> Any:
    def respond(request: Any) -> Any:
        logger.warning("%s %s", request.get_full_path(), request.body)
        return get_response(request)

    return respond


def last_of_doubled(get_response: Any) -> Any:
    """A proxy that tidies up: of two parameters with one name the last stays."""

    def respond(request: Any) -> Any:
        query = request.META.get("QUERY_STRING", "")
        request.META["QUERY_STRING"] = urlencode(dict(parse_qsl(query, keep_blank_values=True)))
        if request.method == "POST":
            request._body = urlencode(dict(parse_qsl(request.body.decode(), keep_blank_values=True))).encode()
        return get_response(request)

    return respond


def token_signs_in(get_response: Any) -> Any:
    """A bearer token makes `request.user`."""

    def respond(request: Any) -> Any:
        if request.headers.get("Authorization", "").startswith("Bearer "):
            request.user = get_user_model().objects.get(username="boss")
        return get_response(request)

    return respond
