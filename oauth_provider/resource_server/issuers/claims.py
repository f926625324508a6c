"""Reading claims that somebody else wrote: whatever form they have, what comes out has the one we ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Claims = Mapping[str, Any]


def text(claims: Claims, *names: str) -> str:
    """The first of these claims that is a string with something in it; empty without one."""
    return next((value for name in names if isinstance(value := claims.get(name), str) and value), "")


def names(value: object) -> tuple[str, ...]:
    """A list of strings, or one string with spaces between them (RFC 6749 §3.3), as its names."""
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list | tuple):
        return tuple(name for name in value if isinstance(name, str) and name)
    return ()


def audiences(claims: Claims) -> tuple[str, ...]:
    """`aud`: one string or a list of them (RFC 7519 §4.1.3); nothing for any other form."""
    value = claims.get("aud")
    if isinstance(value, str):
        return (value,)
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def at(claims: Claims, path: tuple[str, ...]) -> object:
    """What stands at the end of a path of names; None where it breaks off."""
    found: object = claims
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def moment(claims: Claims, name: str) -> datetime | None:
    """A NumericDate (RFC 7519 §2) as a datetime; None when it is missing or none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def members(claims: Claims, name: str) -> Mapping[str, Any] | None:
    """A claim that is an object; None for any other."""
    value = claims.get(name)
    return value if isinstance(value, Mapping) else None
