"""A hardware module of a test: keys that the site's process uses by their id and never sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jwt.algorithms import get_default_algorithms

from oauth_provider.keys.algorithms import ALGORITHMS, public_jwk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Down(Exception):
    """The network between the site and the module."""


class Module:
    """One algorithm of the module, as its administrators handle it."""

    def __init__(self, alg: str) -> None:
        self.alg = alg
        self.asked = 0
        self.is_down = False
        self.kid = ""
        self._keys: dict[str, Any] = {}
        self.listed: list[Mapping[str, Any]] = []

    def make(self, kid: str, *, private: Any | None = None) -> None:
        """Make a key and list it."""
        self._keys[kid] = private or ALGORITHMS[self.alg].generate()
        self.listed.append({**public_jwk(self._keys[kid].public_key(), alg=self.alg), "kid": kid})

    def use(self, kid: str) -> None:
        """Sign with this key from now on."""
        self.kid = kid

    def unlist(self, kid: str) -> None:
        self.listed = [jwk for jwk in self.listed if jwk["kid"] != kid]

    def sign(self, signing_input: bytes, kid: str) -> bytes:
        algorithm = cast("Any", get_default_algorithms()[self.alg])
        signature: bytes = algorithm.sign(signing_input, self._keys[kid])
        return signature


MODULES = {alg: Module(alg) for alg in ALGORITHMS}


class _Signer:
    """What a site writes: it asks the module over the network."""

    def __init__(self, alg: str) -> None:
        self.alg = alg

    def _module(self) -> Module:
        module = MODULES[self.alg]
        module.asked += 1
        if module.is_down:
            msg = "pin=1234 was refused"
            raise Down(msg)
        return module

    @property
    def kid(self) -> str:
        return self._module().kid

    def public_jwks(self) -> Iterable[Mapping[str, Any]]:
        return list(self._module().listed)

    def sign(self, signing_input: bytes, *, kid: str) -> bytes:
        return self._module().sign(signing_input, kid)


def rs256() -> _Signer:
    return _Signer("RS256")


def es256() -> _Signer:
    return _Signer("ES256")


def ps256() -> _Signer:
    return _Signer("PS256")


def eddsa() -> _Signer:
    return _Signer("EdDSA")


PATHS = {alg: f"tests.keys.outside.{alg.lower()}" for alg in ALGORITHMS}
