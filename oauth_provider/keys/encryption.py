"""Sealing private keys: AES-256-GCM under a key derived from SECRET_KEY, or under a key of the site's own.

What sealed a key is written beside it, so that any of those the site names still opens it: KEY_ENCRYPTION, its
fallbacks, SECRET_KEY and its fallbacks. Only the first of them seals.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.module_loading import import_string

from oauth_provider.conf import conf
from oauth_provider.credentials import derived_keys
from oauth_provider.errors import KeyUnavailable, NoSigningKey

if TYPE_CHECKING:
    from collections.abc import Iterator

_NONCE_BYTES = 12


class KeyEncryption(Protocol):
    """A key-encryption key: what KEY_ENCRYPTION names makes one when called without arguments.

    `associated` says which signing key the bytes are of: `unwrap` must fail for others. Any exception means that it
    is not to be had at present.
    """

    @property
    def id(self) -> str:
        """A name for this key and its version that tells nothing about it; another key has another."""

    def wrap(self, plain: bytes, associated: bytes) -> bytes:
        """Encrypt and authenticate."""

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """The plain bytes that `wrap` was given with this `associated`."""


@dataclass(frozen=True, slots=True)
class AesGcm:
    """A key-encryption key of 32 bytes (AES-256-GCM, NIST SP 800-38D)."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A name that tells nothing about the key."""
        return kek_id(self.key)

    def wrap(self, plain: bytes, associated: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, plain, associated)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """The plain bytes; raises InvalidTag when anything was altered."""
        return AESGCM(self.key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], associated)


def seal(plain: bytes, *, associated: str) -> tuple[bytes, str]:
    """Encrypt under the present key-encryption key; return the ciphertext and the id of the key that encrypts.

    Raises KeyUnavailable when the site's own one does not answer.
    """
    name, kek = next(_openers())
    try:
        return kek.wrap(plain, associated.encode()), name
    except Exception as error:
        raise KeyUnavailable(_does_not_answer(error)) from error


def unseal(sealed: bytes, *, associated: str, sealed_with: str) -> bytes:
    """Decrypt with what sealed it; raises NoSigningKey when the site does not name that any more."""
    for name, kek in _openers():
        if name != sealed_with:
            continue
        try:
            return kek.unwrap(sealed, associated.encode())
        except InvalidTag as error:
            msg = "A signing key was altered in the database and cannot be opened."
            raise NoSigningKey(msg) from error
        except Exception as error:
            raise KeyUnavailable(_does_not_answer(error)) from error
    msg = (
        "A signing key was sealed under a SECRET_KEY that is neither SECRET_KEY nor in SECRET_KEY_FALLBACKS, "
        "or under a KEY_ENCRYPTION that is not named any more."
    )
    raise NoSigningKey(msg)


def present_id() -> str:
    """The id of what seals now; raises KeyUnavailable when it cannot be made."""
    return next(_openers())[0]


def opener_ids() -> frozenset[str]:
    """The ids of everything that opens keys here; raises KeyUnavailable when one of them cannot be made."""
    return frozenset(name for name, _ in _openers())


def kek_id(key: bytes) -> str:
    """A name for a key-encryption key that tells nothing about it."""
    return hashlib.sha256(b"oauth_provider/kek_id\x00" + key).hexdigest()[:32]


def _openers() -> Iterator[tuple[str, KeyEncryption]]:
    """Everything that opens keys, each with its id as it is stored; the first one seals."""
    if conf.KEY_ENCRYPTION:
        yield _of_site(conf.KEY_ENCRYPTION)
    for derived in derived_keys("kek"):
        kek = AesGcm(derived)
        yield kek.id, kek
    for path in conf.KEY_ENCRYPTION_FALLBACKS:
        yield _of_site(path)


def _of_site(path: str) -> tuple[str, KeyEncryption]:
    try:
        kek = _made(path)
        # As long as it likes: an id of a key management service often is.
        return hashlib.sha256(b"oauth_provider/site_kek\x00" + kek.id.encode()).hexdigest()[:32], kek
    except Exception as error:
        raise KeyUnavailable(_does_not_answer(error)) from error


@lru_cache(maxsize=8)
def _made(path: str) -> KeyEncryption:
    return cast("KeyEncryption", import_string(path)())


def _does_not_answer(error: Exception) -> str:
    # Its message may hold what no log should.
    return f"The key-encryption key of the site does not answer: {type(error).__name__}."
