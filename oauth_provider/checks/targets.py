"""Scopes and the kinds of objects they are about: what is named must exist, and the picker must find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.core.checks import CheckMessage

from oauth_provider import scopes, targets
from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf


def check_scopes(**_: Any) -> list[CheckMessage]:
    """E026: a kind that nobody declares can be chosen by nobody."""
    # Whatever else it is, E002 says so.
    has_scopes = is_readable() and isinstance(cast("object", conf.SCOPES), Mapping)
    return list(_unknown()) if has_scopes else []


def _unknown() -> Iterator[CheckMessage]:
    known = targets.registered()
    for scope in scopes.registered().values():
        for kind in scope.targets:
            if kind not in known:
                yield message("E026", scope=scope.name, kind=kind, known=", ".join(sorted(known)) or "none")


def check_search(**_: Any) -> list[CheckMessage]:
    """W021: of more objects than are shown at once, the others could not be found."""
    return [message("W021", kind=target.name) for target in targets.registered().values() if not target.lookups]


CHECKS = (check_scopes, check_search)
