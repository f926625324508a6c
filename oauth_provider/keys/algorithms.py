"""The signing algorithms served: how a key is made, and how its public part is written (RFC 7518, RFC 8037)."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from jwt.algorithms import get_default_algorithms

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Callable

ACCESS_TOKEN_ALG = "ES256"
ID_TOKEN_ALG = "RS256"

# RFC 7518 §3.3, §3.5: a key of 2048 bits or larger.
RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A JWS algorithm, the key that goes with it, and the hash its tokens take half of (`at_hash`, `c_hash`)."""

    name: str
    generate: Callable[[], PrivateKeyTypes]
    hash: Callable[[bytes], Any] = hashlib.sha256


def _generate_p256() -> PrivateKeyTypes:
    return ec.generate_private_key(ec.SECP256R1())


def _generate_rsa() -> PrivateKeyTypes:
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def _generate_ed25519() -> PrivateKeyTypes:
    return ed25519.Ed25519PrivateKey.generate()


# RS256 and PS256 never share a key: one key, one algorithm (RFC 8725 §3.1).
ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("ES256", _generate_p256),
        Algorithm("RS256", _generate_rsa),
        Algorithm("PS256", _generate_rsa),
        # RFC 8037 §3.1. The name tells no hash; Ed25519 itself uses SHA-512 (RFC 8032 §5.1), and so do relying
        # parties for `at_hash`.
        Algorithm("EdDSA", _generate_ed25519, hashlib.sha512),
    )
}


def served() -> tuple[str, ...]:
    """The algorithms something is signed with here: access tokens', and those the site offers for ID tokens."""
    wanted = (ACCESS_TOKEN_ALG, *conf.ID_TOKEN_SIGNING_ALGS)
    return tuple(dict.fromkeys(alg for alg in wanted if alg in ALGORITHMS))


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


def half_hash(value: str, *, alg: str) -> str:
    """Left half of the hash that goes with the algorithm: `at_hash`, `c_hash` (OpenID Connect Core §3.1.3.6)."""
    whole: bytes = ALGORITHMS[alg].hash(value.encode()).digest()
    return urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()
