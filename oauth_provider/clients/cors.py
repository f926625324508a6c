"""CORS: an origin that some active client registered may call our CORS paths; never the authorization endpoint."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from corsheaders.signals import check_request_enabled
from django.db import close_old_connections
from django.urls import Resolver404, resolve

from oauth_provider import features
from oauth_provider.models import ClientOrigin

if TYPE_CHECKING:
    from django.http import HttpRequest

_OURS = ("oauth_provider.endpoints", "oauth_provider.resource_server.metadata")
# A preflight names no client (Fetch §3.2.2); the endpoint then refuses an Origin that is not this client's.
FOR_REGISTERED_ORIGINS = frozenset({"token", "revoke", "userinfo", "device-authorization"})
# Public documents without credentials: any page may read them.
FOR_EVERY_ORIGIN = frozenset({"jwks", "openid-configuration", "authorization-server", "protected-resource"})
# An agent in a browser registers itself before it has an origin anybody could have registered. Where everybody may
# register, a page that does it from its visitor's browser gains nothing: there are no cookies in it, and no more than
# curl would get. With an initial access token, and at a client's own registration, pages have no business.
FOR_EVERY_ORIGIN_WHEN_OPEN = frozenset({"register"})


def connect() -> None:
    """Answer django-cors-headers' question; runs once, at start."""
    check_request_enabled.connect(_is_allowed, dispatch_uid="oauth_provider.cors")


def _is_allowed(sender: object, request: HttpRequest, **_: Any) -> bool:
    del sender
    try:
        match = resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return False
    if not getattr(match.func, "__module__", "").startswith(_OURS):
        return False
    if match.url_name in FOR_EVERY_ORIGIN:
        return True
    if match.url_name in FOR_EVERY_ORIGIN_WHEN_OPEN:
        return features.registers_anybody()
    origin = request.headers.get("Origin", "")[:255]
    return bool(origin) and match.url_name in FOR_REGISTERED_ORIGINS and _is_registered(origin)


def _is_registered(origin: str) -> bool:
    """One statement. CorsMiddleware asks from inside the event loop under ASGI, where Django allows none."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return ClientOrigin.objects.is_registered(origin)
    # It cannot wait for us otherwise: the loop stands still for one indexed look-up of a cross-origin call.
    return _beside_the_loop().submit(_ask, origin).result()


@lru_cache(maxsize=1)
def _beside_the_loop() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="oauth_provider.cors")


def _ask(origin: str) -> bool:
    close_old_connections()
    try:
        return ClientOrigin.objects.is_registered(origin)
    finally:
        close_old_connections()
