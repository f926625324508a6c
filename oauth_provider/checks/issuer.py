"""The issuer: what it may look like, and whether it is where the URLs are (RFC 8414 §2, §3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage

from oauth_provider.checks import mount
from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf

_TOKEN = "/token"
_WELL_KNOWN = "/.well-known/oauth-authorization-server"


def check_issuer(**_: Any) -> list[CheckMessage]:
    """E010 to E014. A site that has not included our URLs yet need not have an issuer."""
    if not is_readable():
        return []
    token = mount.token_path()
    issuer = conf.ISSUER
    if not issuer:
        return [message("E010")] if token is not None else []
    wrong = list(_wrong_form(issuer))
    if wrong or token is None:
        return wrong
    return list(_wrong_place(issuer, token=token))


def _wrong_form(issuer: str) -> Iterator[CheckMessage]:
    try:
        parts = urlsplit(issuer)
        host, _port = parts.hostname, parts.port
    except ValueError:
        yield message("E012", issuer=issuer, wrong="its host or port cannot be read")
        return
    if parts.scheme not in {"http", "https"} or not host:
        yield message("E012", issuer=issuer, wrong="it is not an absolute http(s) URL")
        return
    if parts.scheme == "http" and not settings.DEBUG:
        yield message("E011", issuer=issuer)
    for is_wrong, why in (
        (issuer.endswith("/"), "it ends with a slash"),
        ("?" in issuer, "it has a query"),
        ("#" in issuer, "it has a fragment"),
        ("@" in parts.netloc, "it has a user name"),
        (parts.netloc != parts.netloc.lower(), "its host has capital letters"),
    ):
        if is_wrong:
            yield message("E012", issuer=issuer, wrong=why)


def _wrong_place(issuer: str, *, token: str) -> Iterator[CheckMessage]:
    parts = urlsplit(issuer)
    place = token.removesuffix(_TOKEN)
    if parts.path != place:
        wanted = f"{parts.scheme}://{parts.netloc}{place}"
        yield message("E013", issuer=issuer, token=token, wanted=wanted, path=parts.path or "/")
    elif place and not mount.is_served(_WELL_KNOWN + place):
        yield message("E014", mount=place, well_known=_WELL_KNOWN + place)


CHECKS = (check_issuer,)
