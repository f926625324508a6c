"""Signing and verifying JWTs: algorithm pinned by the key, `typ` always said and always checked (RFC 8725)."""

from __future__ import annotations

import json
import logging
import time
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any, NewType, cast

import jwt

from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import signers, store
from oauth_provider.keys.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from oauth_provider.keys.signers import OutsideKey

logger = logging.getLogger("oauth_provider.keys")

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


class _Outside(jwt.algorithms.Algorithm):
    """The place of an algorithm whose private key is at a signer: what PyJWT takes for the key asks it."""

    def prepare_key(self, key: Any) -> Any:
        return key

    def sign(self, msg: bytes, key: OutsideKey) -> bytes:
        return key.sign(msg)

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        raise NotImplementedError

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:  # noqa: FBT001, FBT002  # PyJWT's signature
        raise NotImplementedError

    @staticmethod
    def from_jwk(jwk: Any) -> Any:
        raise NotImplementedError


def _outside_jws() -> jwt.PyJWS:
    jws = jwt.PyJWS(algorithms=[])
    for alg in ALGORITHMS:
        jws.register_algorithm(alg, _Outside())
    return jws


_OUTSIDE = _outside_jws()


def sign(claims: dict[str, Any], *, alg: str, typ: str) -> str:
    """Sign claims with the active key of the algorithm, or let its signer do so.

    Raises KeyUnavailable when the signer does not answer, NoSigningKey when the key cannot be opened.
    """
    outside = signers.signing_key(alg)
    if outside is not None:
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return _OUTSIDE.encode(payload, cast("Any", outside), algorithm=alg, headers={"kid": outside.kid, "typ": typ})
    row = store.ready_key(alg)
    return jwt.encode(claims, cast("Any", store.private_key(row)), algorithm=alg, headers={"kid": row.kid, "typ": typ})


def prepare(alg: str) -> None:
    """Have at hand what `sign` will need: made, published everywhere and opened.

    Called before a transaction is open, which would hold locks meanwhile and take a new key back with it. What goes
    wrong here goes wrong again where it is signed, and is answered there.
    """
    try:
        if signers.signing_key(alg) is None:
            store.private_key(store.ready_key(alg))
    except KeyUnavailable:
        return


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
        key = _public_key(kid, alg) if isinstance(kid, str) and alg in ALGORITHMS else None
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
    try:
        key = signers.signing_key(alg) or store.find_active(alg)
    except KeyUnavailable:
        key = None
    return {"alg": alg, **({} if key is None else {"kid": key.kid}), "typ": typ}


def is_of_signer(kid: str, alg: str) -> bool:
    """Whether a signer lists a key of this id; no where it does not answer."""
    try:
        return alg in ALGORITHMS and signers.public_key(kid, alg) is not None
    except KeyUnavailable:
        return False


def _public_key(kid: str, alg: str) -> jwt.PyJWK | None:
    key = store.public_key(kid, alg)
    if key is not None:
        return key
    try:
        return signers.public_key(kid, alg)
    except KeyUnavailable as error:
        logger.critical("A token that may be ours cannot be verified: %s", error)
        return None


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
