"""Signing and verifying JWTs: algorithm pinned by the key, `typ` always said and always checked (RFC 8725)."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from typing import Any, NewType, cast

import jwt

from oauth_provider.conf import conf
from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS

# Produced only by `verify`: a claim that was not verified cannot be passed where one is asked for.
VerifiedClaims = NewType("VerifiedClaims", dict[str, Any])

# Longer than any token of ours; RFC 8725 §3.6 asks for a cap before parsing.
MAX_JWT_LENGTH = 8192
_DOTS = 2


class NotVerified(Exception):
    """A JWT that is not ours, not of the asked type or not valid any more; the message is for the operator."""


class Expired(NotVerified):
    """A JWT of ours that has expired; its signature is good, so what it claims was said by us."""

    def __init__(self, message: str, claims: dict[str, Any]) -> None:
        super().__init__(message)
        self.claims = claims


def sign(claims: dict[str, Any], *, alg: str, typ: str) -> str:
    """Sign claims with the active key of the algorithm; raises KeyUnavailable when it cannot be opened."""
    row = store.active_key(alg)
    return jwt.encode(claims, cast("Any", store.private_key(row)), algorithm=alg, headers={"kid": row.kid, "typ": typ})


def looks_like_jwt(token: str) -> bool:
    """Whether the value has the shape of a compact JWS."""
    return token.count(".") == _DOTS and token.startswith("eyJ")


def verify(token: str, *, typ: str, audience: tuple[str, ...] | None, allow_expired: bool = False) -> VerifiedClaims:
    """Return the claims of a JWT of ours; `audience=None` leaves `aud` to the caller. Raises NotVerified."""
    if len(token) > MAX_JWT_LENGTH:
        msg = "the token is longer than any of ours"
        raise NotVerified(msg)
    try:
        header = _header_of(token)
        # RFC 8725 §3.11: a token of one kind is never taken for another. RFC 8725 §3.10: `jku`, `x5u` and
        # `jwk` of the header are never read, an unknown `crit` is refused.
        if str(header.get("typ", "")).lower().removeprefix("application/") != typ or "crit" in header:
            msg = f"the header says typ={header.get('typ')!r}, wanted is {typ!r}"
            raise NotVerified(msg)
        alg, kid = str(header.get("alg")), header.get("kid")
        key = store.public_key(kid, alg) if isinstance(kid, str) and alg in ALGORITHMS else None
        if key is None:
            msg = "no key of ours has this kid and alg"
            raise NotVerified(msg)
        claims = jwt.decode(
            token,
            key,
            algorithms=[alg],
            audience=list(audience) if audience is not None else None,
            issuer=conf.ISSUER,
            leeway=conf.CLOCK_SKEW,
            options={
                "require": ["iss", "exp", "iat", "sub", "aud"],
                "verify_aud": audience is not None,
                "verify_exp": not allow_expired,
            },
        )
    except jwt.ExpiredSignatureError as error:
        # PyJWT looks at the claims once the signature holds.
        msg = "the token has expired"
        raise Expired(msg, _members_of(token.split(".")[1])) from error
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, KeyError) as error:
        msg = f"{type(error).__name__}: {error}"
        raise NotVerified(msg) from error
    return VerifiedClaims(claims)


def claimed(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as a JWT that failed says them, to word an answer; nothing may be decided by them.

    Raises NotVerified or ValueError when they cannot be read.
    """
    if len(token) > MAX_JWT_LENGTH:
        msg = "the token is longer than any of ours"
        raise NotVerified(msg)
    header, claims, _signature = token.split(".")
    return _members_of(header), _members_of(claims)


def header(*, alg: str, typ: str) -> dict[str, str]:
    """The header the next token of this kind will carry; without `kid` where no key was needed yet."""
    key = store.find_active(alg)
    return {"alg": alg, **({} if key is None else {"kid": key.kid}), "typ": typ}


def _header_of(token: str) -> dict[str, Any]:
    """What the header claims, to choose the key by; PyJWT's way to it would decode the whole token twice."""
    return _members_of(token.partition(".")[0])


def _members_of(segment: str) -> dict[str, Any]:
    """The JSON object in one part of a JWT; raises NotVerified or ValueError."""
    members = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    if not isinstance(members, dict):
        msg = "a part of it is no object"
        raise NotVerified(msg)
    return members


def issued_now() -> int:
    """Seconds since the epoch, for `iat`."""
    return int(time.time())
