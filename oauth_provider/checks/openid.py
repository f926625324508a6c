"""Sign-in for other sites: claims and their scopes, how people sign in, and the pages they are sent to for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.core.checks import CheckMessage
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch

from oauth_provider import scopes
from oauth_provider.checks import mount
from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.claims import registry, standard
from oauth_provider.conf import conf


def check_claims(**_: Any) -> list[CheckMessage]:
    """E100: what a scope gives that does not exist, nobody is told."""
    # Whatever else it is, E002 says so.
    if not is_readable() or not isinstance(cast("object", conf.SCOPES), Mapping):
        return []
    known = scopes.registered()
    given = [(name, one.scope) for name, one in registry.registered().items() if name not in standard.SCOPES]
    return [message("E100", claim=name, scope=scope) for name, scope in given if scope not in known]


def check_sign_in(**_: Any) -> list[CheckMessage]:
    """E104 and W100, once our URLs are included."""
    return list(_wrong()) if is_readable() and mount.token_path() is not None else []


def _wrong() -> Iterator[CheckMessage]:
    for name, named in (("SIGN_UP_URL", conf.SIGN_UP_URL), ("STEP_UP_URL", conf.STEP_UP_URL)):
        try:
            resolve_url(named or "/")
        except NoReverseMatch:
            yield message("E104", name=name, url=named)
    if conf.ACR_VALUES and not conf.AUTHENTICATION_CONTEXT:
        yield message("W100", values=", ".join(map(str, conf.ACR_VALUES)))


CHECKS = (check_claims, check_sign_in)
