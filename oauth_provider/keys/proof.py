"""Reading a JWT that carries its own key: what a sender signs to show that they hold it (RFC 9449 §4.2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import get_default_algorithms
from jwt.utils import base64url_decode

from oauth_provider.keys.algorithms import thumbprint

if TYPE_CHECKING:
    from collections.abc import Mapping

# Twice a proof with an RSA key of 4096 bits; looked at before anything is parsed (RFC 8725 §3.6).
MAX_LENGTH = 4096
_MIN_RSA_BITS = 2048
# Everybody uses 65537; a long exponent makes one check as dear as a hundred.
_MAX_RSA_EXPONENT = 2**33
_PARTS = 3


@dataclass(frozen=True, slots=True)
class _KeyType:
    kty: str
    crv: str | None = None


# Asymmetric ones only, each with the one kind of key that it may be used with (RFC 8725 §3.1, RFC 7518 §3.1, RFC 8037).
_KEY_TYPES: Mapping[str, _KeyType] = {
    "ES256": _KeyType("EC", "P-256"),
    "ES384": _KeyType("EC", "P-384"),
    "ES512": _KeyType("EC", "P-521"),
    "EdDSA": _KeyType("OKP", "Ed25519"),
    **{f"{family}{bits}": _KeyType("RSA") for family in ("PS", "RS") for bits in (256, 384, 512)},
}
ALGORITHMS = tuple(_KEY_TYPES)
_JWS = jwt.PyJWS(algorithms=list(ALGORITHMS))
_IMPLEMENTED = get_default_algorithms()
# RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class NotProved(Exception):
    """No proof of any key; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A JWT whose signature its own key verifies, and nothing more; `thumbprint` is the key's (RFC 7638)."""

    thumbprint: str
    claims: Mapping[str, Any]


def read(value: str, *, typ: str) -> Proof:
    """The claims of a proof of this `typ`, and whose they are. No claim is checked here. Raises NotProved."""
    if len(value) > MAX_LENGTH:
        raise NotProved("it is longer than any proof")
    parts = value.split(".")
    if len(parts) != _PARTS:
        raise NotProved("it is no compact JWS")
    try:
        header = _object_in(parts[0])
        alg, jwk = _check_header(header, typ=typ)
        key = _IMPLEMENTED[alg].from_jwk(jwk)
        _check_strength(key)
        _JWS.decode(value, cast("Any", key), algorithms=[alg])
        return Proof(thumbprint(jwk), _object_in(parts[1]))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise NotProved(f"{type(error).__name__}: {error}") from error


def _check_header(header: Mapping[str, Any], *, typ: str) -> tuple[str, dict[str, str]]:
    """The algorithm, and the public key to verify by. `jku`, `x5u`, `x5c` and `kid` are never read (JW4)."""
    if header.get("typ") != typ:
        raise NotProved(f"the header says typ={header.get('typ')!r}, wanted is {typ!r}")
    if "crit" in header:
        raise NotProved("the header has crit, and no extension is understood")
    alg, jwk = header.get("alg"), header.get("jwk")
    wanted = _KEY_TYPES.get(alg) if isinstance(alg, str) else None
    if wanted is None:
        raise NotProved(f"alg={alg!r} is none of {', '.join(ALGORITHMS)}")
    if not isinstance(jwk, dict):
        raise NotProved("the header has no jwk")
    if private := sorted(_PRIVATE & set(jwk)):
        # RFC 9449 §4.3, check 7. Whoever sent this has told everybody their key.
        raise NotProved(f"jwk holds a private key ({', '.join(private)})")
    if jwk.get("kty") != wanted.kty or (wanted.crv is not None and jwk.get("crv") != wanted.crv):
        raise NotProved(
            f"{alg} needs a key {wanted.kty} {wanted.crv or ''}; it is {jwk.get('kty')!r} {jwk.get('crv')!r}"
        )
    public = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    if not all(isinstance(member, str) for member in public.values()):
        raise NotProved("a member of jwk is no string")
    return str(alg), cast("dict[str, str]", public)


def _check_strength(key: object) -> None:
    """JW6: RSA from 2048 bits on (RFC 7518 §3.3)."""
    if not isinstance(key, RSAPublicKey):
        return
    if key.key_size < _MIN_RSA_BITS or key.public_numbers().e > _MAX_RSA_EXPONENT:
        raise NotProved(f"an RSA key of {key.key_size} bits with the exponent {key.public_numbers().e}")


def _object_in(segment: str) -> dict[str, Any]:
    """The JSON object in one part of a JWT; raises NotProved or ValueError."""
    members = json.loads(base64url_decode(segment))
    if not isinstance(members, dict):
        raise NotProved("a part of it is no object")
    return members
