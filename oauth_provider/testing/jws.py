"""Keys and signed JWTs for tests, right and wrong ones: written by hand, so that nothing stops a wrong one."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oauth_provider.keys.algorithms import thumbprint

_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}
_CURVES = {"ES256": (ec.SECP256R1, 32), "ES384": (ec.SECP384R1, 48), "ES512": (ec.SECP521R1, 66)}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key pair for one algorithm. `jwk` is the public part as it stands in a JWK set."""

    alg: str
    private: PrivateKeyTypes
    jwk: dict[str, Any]

    @property
    def kid(self) -> str:
        """The id in the JWK."""
        return str(self.jwk["kid"])

    @property
    def thumbprint(self) -> str:
        """What `cnf.jkt` says of a token that is bound to this key (RFC 9449 §6.1)."""
        return thumbprint(self.jwk)


@lru_cache(maxsize=64)
def key(alg: str = "RS256", number: int = 0, *, bits: int = 2048) -> KeyPair:
    """The `number`th key of this algorithm in this process: RSA keys take long to make, so each is made once."""
    del number
    private: PrivateKeyTypes
    if alg.startswith("ES"):
        private = ec.generate_private_key(_CURVES[alg][0]())
    elif alg == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    public = _public_members(private, alg)
    return KeyPair(alg, private, {**public, "kid": thumbprint(public), "alg": alg, "use": "sig"})


def _public_members(private: PrivateKeyTypes, alg: str) -> dict[str, Any]:
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    if isinstance(private, ec.EllipticCurvePrivateKey):
        point, size = private.public_key().public_numbers(), _CURVES[alg][1]
        curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg]
        return {"kty": "EC", "crv": curve, "x": _number(point.x, size), "y": _number(point.y, size)}
    raw = cast("Any", private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


def compact(header: dict[str, Any], claims: Any, *, key: KeyPair | bytes | None) -> str:
    """The JWT of this header and these claims, signed as `alg` in the header says: bytes are a shared secret."""
    body = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{body}.{b64(_sign(body.encode(), str(header.get('alg')), key))}"


def _sign(body: bytes, alg: str, key: KeyPair | bytes | None) -> bytes:
    if key is None:
        return b""
    if isinstance(key, bytes):
        return hmac.digest(key, body, f"sha{alg[-3:]}")
    private: Any = key.private
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(body)
    # A header may say anything; the key signs as it can.
    digest = _HASHES.get(alg[-3:], hashes.SHA256)()
    if isinstance(private, ec.EllipticCurvePrivateKey):
        size = (private.key_size + 7) // 8
        r, s = decode_dss_signature(private.sign(body, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if alg.startswith("PS"):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return cast("bytes", private.sign(body, pss, digest))
    return cast("bytes", private.sign(body, padding.PKCS1v15(), digest))


def b64(value: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _number(value: int, size: int = 0) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))
