"""DPoP at the API: who sends a bound token shows, for this one request, that they hold its key (RFC 9449 §4.3, §7)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

from oauth_provider import replay
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidProof, InvalidToken, NonceNeeded
from oauth_provider.keys import proof
from oauth_provider.sender_constraint import htu, nonce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from oauth_provider.keys.proof import Proof

logger = logging.getLogger("oauth_provider.resource_server")

TYP = "dpop+jwt"
_KIND = "dpop"


def check(request: HttpRequest, *, token: str, thumbprint: str) -> str:
    """Make sure that the request carries one fresh proof by the key of this thumbprint, for this token.

    Returns the nonce to send with the answer, or nothing. One statement, and only for a proof that is right in
    everything else. Raises InvalidProof, NonceNeeded or InvalidToken.
    """
    shown = _read(request)
    if not hmac.compare_digest(shown.thumbprint.encode(), thumbprint.encode()):
        raise InvalidToken("binding", detail="the proof is by another key than the token is bound to")
    _check_request(shown.claims, request)
    _check_token(shown.claims, token)
    issued_at = _check_time(shown.claims)
    successor = _check_nonce(shown.claims) if conf.DPOP_NONCE else ""
    _use_once(shown, issued_at=issued_at)
    return successor


def _read(request: HttpRequest) -> Proof:
    header = request.META.get("HTTP_DPOP", "")
    if not header:
        raise InvalidProof("no_proof", detail="the request has no DPoP header")
    # Servers join repeated headers with a comma, which no JWT has.
    if "," in header:
        raise InvalidProof("bad_proof", detail="more than one DPoP header")
    try:
        return proof.read(header.strip(" "), typ=TYP)
    except proof.NotProved as error:
        raise InvalidProof("bad_proof", detail=str(error)) from error


def _check_request(claims: Mapping[str, Any], request: HttpRequest) -> None:
    """`htm` and `htu`: the proof is for this method and this address, and for no other."""
    if claims.get("htm") != request.method:
        raise InvalidProof("other_request", detail=f"htm is {claims.get('htm')!r}, the request is {request.method}")
    claimed = claims.get("htu")
    named = htu.of_claim(claimed) if isinstance(claimed, str) else None
    asked = htu.of_request(request)
    if named == asked:
        return
    hint = ""
    if named is not None and (named.scheme, asked.scheme) == ("https", "http"):
        hint = (
            ". Behind a proxy that ends TLS, have it set a header and name that in SECURE_PROXY_SSL_HEADER;"
            " for the host see USE_X_FORWARDED_HOST"
        )
    # A query may hold what no log should.
    told = str(claimed).partition("?")[0].partition("#")[0]
    raise InvalidProof(
        "other_request",
        detail=f"htu is {told!r}, the request came to {str(asked)!r}{hint}",
        compared={"sent": told, "expected": str(asked)},
    )


def _check_token(claims: Mapping[str, Any], token: str) -> None:
    """`ath`: the proof goes with this token, so that a stolen one cannot be slipped in."""
    digest = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=")
    claimed = claims.get("ath")
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode("utf-8", "surrogatepass"), digest):
        raise InvalidProof("other_token", detail="ath is not the digest of the token")


def _check_time(claims: Mapping[str, Any]) -> float:
    """`iat`: made just now. A clock ahead of ours gets the allowance for clocks, not the lifetime of a proof."""
    issued_at, now = claims.get("iat"), time.time()
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float):
        raise InvalidProof("bad_proof", detail=f"iat is {issued_at!r}")
    oldest, youngest = now - conf.DPOP_PROOF_LIFETIME - conf.CLOCK_SKEW, now + conf.CLOCK_SKEW
    # Written so that NaN, which JSON may hold, is refused.
    if not oldest <= issued_at <= youngest:
        raise InvalidProof("not_fresh", detail=f"iat is {issued_at}, the clock here says {int(now)}")
    return float(issued_at)


def _check_nonce(claims: Mapping[str, Any]) -> str:
    """`nonce`: made after we asked for it. Returns the next one when this one is about to end."""
    claimed = claims.get("nonce")
    if not isinstance(claimed, str) or nonce.seconds_left(claimed) <= 0:
        raise NonceNeeded(nonce.make(), detail="no nonce" if claimed is None else "an old nonce, or none of ours")
    return nonce.make() if nonce.needs_successor(claimed) else ""


def _use_once(shown: Proof, *, issued_at: float) -> None:
    """`jti`: the first request with it wins, on whichever worker (DP5). No store, no entry."""
    jti = shown.claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise InvalidProof("bad_proof", detail="it has no jti")
    # Twice the allowance: it is the database's clock that rows are cleaned up by.
    ends = datetime.fromtimestamp(issued_at + conf.DPOP_PROOF_LIFETIME + 2 * conf.CLOCK_SKEW + 1, UTC)
    try:
        is_first = replay.use_once(_KIND, shown.thumbprint, jti, expires_at=ends)
    except DatabaseError as error:
        logger.exception("DPoP proofs cannot be checked for repetition; requests with bound tokens are refused.")
        raise InvalidProof("cannot_check", detail=f"the store of used jti fails: {type(error).__name__}") from error
    if not is_first:
        raise InvalidProof("repeated", detail="a proof with this jti was used before")
