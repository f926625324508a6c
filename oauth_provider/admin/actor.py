"""Who did it, from where: what audit rows say of a click in the admin."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from oauth_provider.conf import conf
from oauth_provider.values import Source

if TYPE_CHECKING:
    from django.http import HttpRequest

_ACTOR_LENGTH = 150
_USER_AGENT_LENGTH = 255


def actor_of(request: HttpRequest) -> str:
    """The signed-in person as the audit names them."""
    return str(request.user)[:_ACTOR_LENGTH]


def source_of(request: HttpRequest) -> Source:
    """Address and user agent of the click."""
    user_agent = request.headers.get("User-Agent", "").replace("\x00", "")
    return Source(address=_address(request), user_agent=user_agent[:_USER_AGENT_LENGTH])


def _address(request: HttpRequest) -> str:
    address = str(request.META.get("REMOTE_ADDR", ""))
    if conf.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= conf.TRUSTED_PROXIES:
            address = hops[-conf.TRUSTED_PROXIES].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""
