"""A JWT of a trusted issuer: its header, its signature, its claims (RFC 9068 §4, RFC 8725)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.errors import InvalidToken
from oauth_provider.keys import foreign
from oauth_provider.resource_server.issuers import jwks

if TYPE_CHECKING:
    from oauth_provider.resource_server.issuers.trusted import TrustedIssuer


def verify(value: str, issuer: TrustedIssuer) -> dict[str, Any]:
    """The claims of this access token; raises InvalidToken, or IssuerUnavailable without keys."""
    try:
        header = foreign.read_header(value, algorithms=issuer.algorithms, typ=issuer.typ)
        claims = _verify(value, header, issuer)
    except foreign.Expired as error:
        raise InvalidToken("expired", detail=f"{issuer.issuer}: {error}") from error
    except foreign.NotVerified as error:
        raise InvalidToken("unknown", detail=f"{issuer.issuer}: {error}") from error
    wrong = issuer.preset.object_to(claims, header.typ)
    if wrong:
        raise InvalidToken("unknown", detail=f"{issuer.issuer}: {wrong}")
    return claims


def _verify(value: str, header: foreign.Header, issuer: TrustedIssuer) -> dict[str, Any]:
    keys = jwks.of(issuer)
    try:
        return foreign.verify(value, header=header, keys=keys, issuer=issuer.issuer)
    except foreign.UnknownKey:
        newer = jwks.newer(issuer, than=keys)
        if newer is keys:
            raise
        return foreign.verify(value, header=header, keys=newer, issuer=issuer.issuer)


def asks_nobody(value: str, issuer: TrustedIssuer) -> bool:
    """Whether `verify` needs no fetch for this value: it is refused unseen, or its key is known."""
    try:
        header = foreign.read_header(value, algorithms=issuer.algorithms, typ=issuer.typ)
    except foreign.NotVerified:
        return True
    keys = jwks.at_hand(issuer)
    return keys is not None and keys.find(header.kid, header.alg) is not None
