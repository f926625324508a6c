"""Machine-made credentials: 256 random bits with a prefix and check signs, stored as a digest.

`op_at_` + 43 base62 digits of 32 random bytes + 6 base62 digits of CRC32 over everything before them: secret
scanners find them, and junk is refused without a query. 256 random bits need neither stretching nor a key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from oauth_provider.conf import conf

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_DIGITS = 43
_CHECK_DIGITS = 6
_SHAPE = re.compile(r"[0-9A-Za-z]{49}", re.ASCII)


class Kind(StrEnum):
    """What a credential is; its two letters stand in the prefix."""

    ACCESS_TOKEN = "at"
    REFRESH_TOKEN = "rt"
    AUTHORIZATION_CODE = "ac"
    DEVICE_CODE = "dc"
    CLIENT_SECRET = "cs"
    REQUEST = "ru"
    REGISTRATION_ACCESS_TOKEN = "ra"
    INITIAL_ACCESS_TOKEN = "ia"


def make(kind: Kind) -> str:
    """Return a new credential of 256 random bits."""
    return _format(kind, secrets.token_bytes(32))


def derive(kind: Kind, purpose: str, *parts: str, key: bytes | None = None) -> str:
    """Return the credential that SECRET_KEY and these parts determine; without the key it is unguessable."""
    message = "\x00".join((purpose, *parts)).encode()
    return _format(kind, hmac.digest(key or derived_keys("successor")[0], message, "sha256"))


def derive_all(kind: Kind, purpose: str, *parts: str) -> list[str]:
    """Like `derive`, once for SECRET_KEY and once for each of SECRET_KEY_FALLBACKS."""
    return [derive(kind, purpose, *parts, key=key) for key in derived_keys("successor")]


def is_kind(value: str, kind: Kind) -> bool:
    """Whether the value has this kind's prefix, length and check signs; costs no query."""
    return value.startswith(_prefix(kind)) and has_check_signs(value)


def is_ours(value: str) -> bool:
    """Whether the value starts like a credential of ours (other values may be django-oauth-toolkit's)."""
    return value.startswith(f"{conf.TOKEN_BRAND}_")


def has_check_signs(value: str) -> bool:
    """Whether the last six signs are the CRC32 of everything before them."""
    _, _, digits = value.rpartition("_")
    if not _SHAPE.fullmatch(digits):
        return False
    body, check = value[:-_CHECK_DIGITS], value[-_CHECK_DIGITS:]
    return hmac.compare_digest(_check_signs(body).encode(), check.encode())


def mask(text: str) -> str:
    """The text with everything in it that looks like a credential of ours, or like a JWT, cut down to its kind."""
    return pasted(conf.TOKEN_BRAND).sub(lambda found: f"{found['kind'] or 'eyJ'}…", text)


@lru_cache(maxsize=4)
def pasted(brand: str) -> re.Pattern[str]:
    """What a credential of this brand, whole or damaged, or a JWT looks like in a text; `kind` is its prefix."""
    return re.compile(
        rf"\b(?P<kind>{re.escape(brand)}_[a-z]{{2}}_)[0-9A-Za-z]{{8,}}|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?", re.ASCII
    )


def digest(value: str) -> str:
    """What is stored instead of the credential: SHA-256 with a domain prefix, as 64 hex digits."""
    return hashlib.sha256(b"oauth_provider\x00" + value.encode("utf-8", "surrogatepass")).hexdigest()


def user_code_digests(user_code: str) -> list[str]:
    """HMACs of a short user code under SECRET_KEY and each fallback, the present one first."""
    return [hmac.new(key, user_code.encode(), "sha256").hexdigest() for key in derived_keys("user_code")]


def derived_keys(purpose: str) -> list[bytes]:
    """32-byte keys for one purpose from SECRET_KEY and SECRET_KEY_FALLBACKS, the present one first (RFC 5869)."""
    return [_derived_key(purpose, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


_DERIVED: dict[tuple[str, str | bytes], bytes] = {}


def _derived_key(purpose: str, secret: str | bytes) -> bytes:
    key = _DERIVED.get((purpose, secret))
    if key is None:
        raw = secret if isinstance(secret, bytes) else secret.encode()
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"oauth_provider/{purpose}".encode()).derive(raw)
        _DERIVED[purpose, secret] = key
    return key


def _prefix(kind: Kind) -> str:
    return f"{conf.TOKEN_BRAND}_{kind.value}_"


def _format(kind: Kind, random: bytes) -> str:
    body = _prefix(kind) + _base62(int.from_bytes(random, "big"), _RANDOM_DIGITS)
    return body + _check_signs(body)


def _check_signs(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_DIGITS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, remainder = divmod(number, 62)
        digits.append(_ALPHABET[remainder])
    return "".join(reversed(digits))
