"""`WWW-Authenticate: Bearer …` (RFC 6750 §3, RFC 9110 §11.6.1): what a client reads to go on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REALM = "api"
BEARER = "Bearer"

# RFC 6750 §3: the characters of `error_description`; quotes, backslashes and line ends are not among them,
# so that nothing a caller sent can end the string or the header.
_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


@dataclass(frozen=True, slots=True)
class Door:
    """Where a token is asked for: what every challenge of this place says, whatever was wrong.

    `resource_metadata` is `metadata.url_of` the view's resource, `scheme` the one the request used (`Bearer` if it
    sent no token).
    """

    realm: str = REALM
    resource_metadata: str = ""
    scheme: str = BEARER


def challenge(
    door: Door = Door(),  # frozen
    *,
    error: str = "",
    description: str = "",
    scope: Iterable[str] = (),
    acr_values: Iterable[str] = (),
    max_age: int | None = None,
) -> str:
    """The header's value. Without `error` when no token was sent (RFC 6750 §3.1).

    `acr_values` and `max_age` (seconds) are those of RFC 9470 §3; `resource_metadata` that of RFC 9728 §5.1.
    """
    members = {
        "realm": door.realm,
        "error": error,
        "error_description": description,
        "scope": " ".join(scope),
        "acr_values": " ".join(acr_values),
        "max_age": "" if max_age is None else str(max_age),
        "resource_metadata": door.resource_metadata,
    }
    return f"{door.scheme} " + ", ".join(f'{name}="{_quotable(value)}"' for name, value in members.items() if value)


def _quotable(value: str) -> str:
    return _FORBIDDEN.sub("'", value)
