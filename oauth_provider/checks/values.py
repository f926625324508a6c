"""The dict `OAUTH_PROVIDER` itself: names, values, and what stands in django-oauth-toolkit's dict instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from oauth2_provider.settings import DEFAULTS as DOT_DEFAULTS

from oauth_provider.checks.messages import message
from oauth_provider.checks.rules import RULES
from oauth_provider.conf import NAMES, conf

# What a site may have told django-oauth-toolkit and believe we know.
DOT_NAMES = {
    "SCOPES": "SCOPES",
    "DEFAULT_SCOPES": "DEFAULT_SCOPES",
    "OIDC_ISS_ENDPOINT": "ISSUER",
    "ACCESS_TOKEN_EXPIRE_SECONDS": "ACCESS_TOKEN_LIFETIME",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": "AUTHORIZATION_CODE_LIFETIME",
    "ID_TOKEN_EXPIRE_SECONDS": "ID_TOKEN_LIFETIME",
    "REFRESH_TOKEN_EXPIRE_SECONDS": "REFRESH_TOKEN_IDLE_LIFETIME",
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": "REFRESH_TOKEN_LEEWAY",
}

# What checks print ends up in the logs of a deployment.
_SECRET = {"AUDIT_KEY", "AUDIT_KEY_FALLBACKS", "EGRESS_PROXY", "TRUSTED_ISSUERS"}


def is_readable() -> bool:
    """Whether OAUTH_PROVIDER is a dict at all; other checks say nothing when it is not."""
    return isinstance(conf.given, Mapping)


def check_settings(**_: Any) -> list[CheckMessage]:
    """E001, E002, E003: unknown keys and wrong values."""
    if not is_readable():
        return [message("E003", value=repr(conf.given))]
    return list(_wrong(conf.given))


def _wrong(given: Mapping[Any, object]) -> Iterator[CheckMessage]:
    for name, value in given.items():
        if name not in NAMES:
            yield message("E001", name=name, hint=_did_you_mean(str(name)))
        elif name in RULES and (wrong := RULES[name](value)) is not None:
            yield message("E002", name=name, value=_shown(name, value), wrong=wrong)


def _did_you_mean(name: str) -> str:
    near = difflib.get_close_matches(DOT_NAMES.get(name.upper(), name.upper()), NAMES, n=1)
    return f"Did you mean {near[0]!r}?" if near else "See docs/settings.md for the names there are."


def check_dot_settings(**_: Any) -> list[CheckMessage]:
    """W001, W002: nothing is read from two places silently."""
    dot = getattr(settings, "OAUTH2_PROVIDER", None) or {}
    if not is_readable() or not isinstance(dot, Mapping):
        return []
    misplaced = [
        message("W001", name=name, value=_shown(name, value))
        for name, value in dot.items()
        if name in NAMES and name not in DOT_DEFAULTS
    ]
    wanted = [
        message("W002", dot=name, name=ours, value=_shown(name, dot[name]))
        for name, ours in DOT_NAMES.items()
        if dot.get(name) and ours not in conf.given
    ]
    return misplaced + wanted


def _shown(name: str, value: object) -> str:
    if name in _SECRET:
        return "…"
    written = repr(value)
    return written if len(written) <= 200 else written[:197] + "…"  # noqa: PLR2004  # a line or two


CHECKS = (check_settings, check_dot_settings)
