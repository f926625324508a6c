"""`WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1, RFC 9110 §11.6.1): what a client reads to go on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oauth_provider.keys import proof

if TYPE_CHECKING:
    from collections.abc import Iterable

REALM = "api"
BEARER = "Bearer"
DPOP = "DPoP"

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
    """One challenge, for the scheme of the door. Without `error` when no token was sent (RFC 6750 §3.1).

    `acr_values` and `max_age` (seconds) are those of RFC 9470 §3; `resource_metadata` that of RFC 9728 §5.1, `algs`
    that of RFC 9449 §7.1.
    """
    members = {
        "realm": door.realm,
        "error": error,
        "error_description": description,
        "scope": " ".join(scope),
        "acr_values": " ".join(acr_values),
        "max_age": "" if max_age is None else str(max_age),
        "resource_metadata": door.resource_metadata,
        "algs": " ".join(proof.ALGORITHMS) if door.scheme == DPOP else "",
    }
    return f"{door.scheme} " + ", ".join(f'{name}="{_quotable(value)}"' for name, value in members.items() if value)


def without_token(door: Door, *, scope: Iterable[str] = ()) -> str:
    """The header's value for a request that sent no token: both schemes, as RFC 9449 §7.2 writes them.

    Bearer first, with everything in it: there are clients that read one challenge and no further. The second says
    no more than that a bound token is welcome, and which proofs are read. A request that did send a token is told of
    the one scheme that this token can come in by.
    """
    return f"{challenge(door, scope=scope)}, {challenge(Door(realm=door.realm, scheme=DPOP))}"


def with_scheme(door: Door, scheme: str) -> Door:
    """The same place, for a token that must come in by this scheme."""
    return door if door.scheme == scheme else replace(door, scheme=scheme)


def _quotable(value: str) -> str:
    return _FORBIDDEN.sub("'", value)
