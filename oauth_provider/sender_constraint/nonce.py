"""Nonces for DPoP proofs: stateless, ours by a key from SECRET_KEY, good for five minutes (RFC 9449 §8, §9)."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

from oauth_provider.credentials import derived_keys

LIFETIME_SECONDS = 300
# In its last minute an answer brings the next one, so that a client at work is never asked to try again.
_RENEWED_SECONDS = 60
_TIME_BYTES = 8
_MAC_BYTES = 16
_PURPOSE = "dpop_nonce"


def make() -> str:
    """A nonce that is good from now on."""
    stamp = int(time.time()).to_bytes(_TIME_BYTES, "big")
    return _encode(stamp, derived_keys(_PURPOSE)[0])


def seconds_left(nonce: str) -> int:
    """How long the nonce is still good; 0 or less for an old one, and for one that is none of ours."""
    try:
        stamp = urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))[:_TIME_BYTES]
    except ValueError:
        return 0
    if not any(hmac.compare_digest(nonce.encode(), _encode(stamp, key).encode()) for key in derived_keys(_PURPOSE)):
        return 0
    age = int(time.time()) - int.from_bytes(stamp, "big")
    # One from the future was made by a clock that has been set back since.
    return LIFETIME_SECONDS - age if age >= -LIFETIME_SECONDS else 0


def needs_successor(nonce: str) -> bool:
    """Whether the answer to a request with this nonce should bring the next one."""
    return seconds_left(nonce) <= _RENEWED_SECONDS


def _encode(stamp: bytes, key: bytes) -> str:
    mac = hmac.digest(key, stamp, "sha256")[:_MAC_BYTES]
    return urlsafe_b64encode(stamp + mac).rstrip(b"=").decode()
