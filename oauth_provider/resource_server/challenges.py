"""`WWW-Authenticate: Bearer …` (RFC 6750 §3, RFC 9110 §11.6.1): what a client reads to go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REALM = "api"

# RFC 6750 §3: the characters of `error_description`; quotes, backslashes and line ends are not among them,
# so that nothing a caller sent can end the string or the header.
_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


def challenge(*, realm: str = REALM, error: str = "", description: str = "", scope: Iterable[str] = ()) -> str:
    """The header's value. Without `error` when no token was sent (RFC 6750 §3.1)."""
    members = {"realm": realm, "error": error, "error_description": description, "scope": " ".join(scope)}
    return "Bearer " + ", ".join(f'{name}="{_quotable(value)}"' for name, value in members.items() if value)


def _quotable(value: str) -> str:
    return _FORBIDDEN.sub("'", value)
