"""Sealing private keys: AES-256-GCM under a key derived from SECRET_KEY, opened with its fallbacks too."""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oauth_provider.credentials import derived_keys
from oauth_provider.errors import KeyUnavailable

_NONCE_BYTES = 12


def seal(plain: bytes, *, associated: str) -> tuple[bytes, str]:
    """Encrypt under the present SECRET_KEY; return the ciphertext and the id of the key that encrypts."""
    key = derived_keys("kek")[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, associated.encode()), kek_id(key)


def unseal(sealed: bytes, *, associated: str, sealed_with: str) -> bytes:
    """Decrypt with SECRET_KEY or a fallback; raises KeyUnavailable when none of them sealed it."""
    for key in derived_keys("kek"):
        if kek_id(key) == sealed_with:
            try:
                return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated.encode())
            except InvalidTag as error:
                msg = "A signing key was altered in the database and cannot be opened."
                raise KeyUnavailable(msg) from error
    msg = "A signing key was sealed under a SECRET_KEY that is neither SECRET_KEY nor in SECRET_KEY_FALLBACKS."
    raise KeyUnavailable(msg)


def kek_id(key: bytes) -> str:
    """A name for a key-encryption key that tells nothing about it."""
    return hashlib.sha256(b"oauth_provider/kek_id\x00" + key).hexdigest()[:32]
