"""The address a product runs at, as a person types it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oauth_provider.clients import redirect_uris

_MOST = 500
# A configuration quotes it in five languages: what any of them reads otherwise is no part of an address here.
_ADDRESS = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def read(text: str) -> str:
    """The address without a slash at the end; raises ValidationError keyed `base_url`."""
    given = text.strip()
    if not given:
        raise ValidationError({"base_url": [_("Give the address at which the product runs.")]})
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal(given, _("its host or port cannot be read")) from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise _refusal(given, _("it must start with https:// and name a host"))
    if parts.username is not None or parts.password is not None:
        raise _refusal(given, _("it must not contain a user name or password"))
    if "?" in given or "#" in given:
        raise _refusal(given, _("it must have no ?query and no #fragment"))
    if parts.scheme == "http" and host not in redirect_uris.LOOPBACK_HOSTS:
        raise _refusal(given, _("use https; http is for 127.0.0.1, [::1] and localhost only"))
    # As a browser sends it: most products build their redirect URI from that.
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    address = f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}"
    # Line ends inside are read over by `urlsplit`.
    is_plain = given.isprintable() and _ADDRESS.fullmatch(address) and len(address) <= _MOST
    if not is_plain or {".", ".."} & set(parts.path.split("/")):
        raise _refusal(given, _("it is not a plain address like https://host.example/path"))
    return address


def _refusal(given: str, why: object) -> ValidationError:
    refusal = ValidationError(
        _("“%(address)s” cannot be used: %(why)s."), params={"address": given[:200], "why": why}, code="base_url"
    )
    return ValidationError({"base_url": [refusal]})
