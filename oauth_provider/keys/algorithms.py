"""The signing algorithms served: how a key is made, and how its public part is written (RFC 7518, RFC 8037)."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from jwt.algorithms import get_default_algorithms

if TYPE_CHECKING:
    from collections.abc import Callable

ACCESS_TOKEN_ALG = "ES256"
ID_TOKEN_ALG = "RS256"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A JWS algorithm and the key that goes with it."""

    name: str
    generate: Callable[[], PrivateKeyTypes]


def _generate_p256() -> PrivateKeyTypes:
    return ec.generate_private_key(ec.SECP256R1())


def _generate_rsa() -> PrivateKeyTypes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (Algorithm(ACCESS_TOKEN_ALG, _generate_p256), Algorithm(ID_TOKEN_ALG, _generate_rsa))
}


def public_jwk(public_key: PublicKeyTypes, *, alg: str) -> dict[str, Any]:
    """The public part as a JWK with `kid` (its thumbprint, RFC 7638), `alg` and `use`."""
    to_jwk = cast("Any", get_default_algorithms()[alg]).to_jwk
    members = cast("dict[str, Any]", to_jwk(public_key, as_dict=True))
    for private_or_redundant in ("key_ops", "alg", "use", "kid"):
        members.pop(private_or_redundant, None)
    return {**members, "kid": thumbprint(members), "alg": alg, "use": "sig"}


def thumbprint(jwk: dict[str, Any]) -> str:
    """The SHA-256 thumbprint of a JWK (RFC 7638 §3)."""
    required = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}[jwk["kty"]]
    canonical = json.dumps({name: jwk[name] for name in required}, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
