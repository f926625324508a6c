"""Key-encryption keys of a test: two of a vault that can be out of reach."""

from __future__ import annotations

from oauth_provider.keys.encryption import AesGcm


class Vault:
    """What the vault holds, and whether the site reaches it."""

    def __init__(self) -> None:
        self.is_down = False
        self.fails_after: int | None = None
        self.unwrapped = 0


VAULT = Vault()


class _Kept:
    def __init__(self, name: str, key: bytes) -> None:
        self.id = name
        self._key = AesGcm(key)

    def _ask(self) -> AesGcm:
        if VAULT.is_down:
            msg = "token s.123456 is not valid"
            raise ConnectionError(msg)
        return self._key

    def wrap(self, plain: bytes, associated: bytes) -> bytes:
        if VAULT.fails_after is not None:
            VAULT.fails_after -= 1
            if VAULT.fails_after < 0:
                raise ConnectionResetError
        return self._ask().wrap(plain, associated)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        VAULT.unwrapped += 1
        return self._ask().unwrap(wrapped, associated)


def first() -> _Kept:
    return _Kept("arn:aws:kms:eu-central-1:111122223333:key/first", b"1" * 32)


def second() -> _Kept:
    return _Kept("arn:aws:kms:eu-central-1:111122223333:key/second", b"2" * 32)


FIRST, SECOND = "tests.keys.kek.first", "tests.keys.kek.second"
