"""Signers outside this process (HSM, KMS): the private key is never here, its public keys stand in our key set.

Which keys there are, and which of them signs, is the signer's own affair: what it lists is published, what it lists
no more is refused. It is asked for the list at most once within PROCESS_CACHE_SECONDS.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import jwt
from django.utils.module_loading import import_string

from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys.algorithms import ALGORITHMS, RSA_BITS, served

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger("oauth_provider.keys")

# As long as relying parties may keep the key set: a signer that does not answer is not forgotten sooner.
_KEPT_SECONDS = 3600
# RFC 7518 §6.2.2, §6.3.2: the members of a private key.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_FORM = {"ES256": ("EC", "P-256"), "RS256": ("RSA", None), "PS256": ("RSA", None), "EdDSA": ("OKP", "Ed25519")}


class Signer(Protocol):
    """What SIGNERS names makes one when called without arguments. Any exception means that it is not to be had.

    Threads call it at once.
    """

    @property
    def alg(self) -> str:
        """The algorithm of all its keys (RFC 7518 §3.1, RFC 8037 §3.1)."""

    @property
    def kid(self) -> str:
        """The id of the key that signs now; empty: its keys are published only, and a key of ours signs."""

    def public_jwks(self) -> Iterable[Mapping[str, Any]]:
        """The public keys (RFC 7517 §4), each with its `kid`: those that will sign, sign, and are still accepted."""

    def sign(self, signing_input: bytes, *, kid: str) -> bytes:
        """The signature under the key of this id, as RFC 7518 §3 writes it: for ES256 R and S in 64 bytes, not DER."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The keys of one signer as it listed them at one moment (monotonic seconds); `why_not` when it did not."""

    at: float
    asked_at: float
    keys: tuple[jwt.PyJWK, ...]
    jwks: tuple[dict[str, Any], ...]
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class OutsideKey:
    """One key of a signer, to sign with."""

    signer: Signer
    kid: str
    public: jwt.PyJWK

    def sign(self, signing_input: bytes) -> bytes:
        """The signature, verified before it leaves; raises KeyUnavailable."""
        try:
            signature = self.signer.sign(signing_input, kid=self.kid)
        except Exception as error:
            raise KeyUnavailable(_does_not_answer(self.signer.alg, error)) from error
        if not _verifies(self.public, signing_input, signature):
            form = ": R and S one after the other (RFC 7518 §3.4), not DER" if self.signer.alg == "ES256" else ""
            msg = f"The signer of {self.signer.alg} gave a signature that its key {self.kid!r} does not verify{form}."
            raise KeyUnavailable(msg)
        return signature


_listings: dict[str, Listing] = {}


def signing_key(alg: str) -> OutsideKey | None:
    """The key a signer signs with; None where a key of ours does. Raises KeyUnavailable."""
    signer = find(alg)
    if signer is None:
        return None
    try:
        kid = signer.kid
    except Exception as error:
        raise KeyUnavailable(_does_not_answer(alg, error)) from error
    if not kid:
        return None
    public = _named(kid, listing(alg))
    if public is None:
        public = _named(kid, listing(alg, anew=True))
        if public is None:
            msg = f"The signer of {alg} signs with {kid!r}, which is not among the public keys it lists."
            raise KeyUnavailable(msg)
        # New to this process, so maybe to others: they publish and accept it once they have asked again.
        time.sleep(conf.PROCESS_CACHE_SECONDS)
    return OutsideKey(signer, kid, public)


def public_key(kid: str, alg: str) -> jwt.PyJWK | None:
    """The public key of this `kid` of the signer of this algorithm, or None; raises KeyUnavailable."""
    return _named(kid, listing(alg)) if find(alg) is not None else None


def find(alg: str) -> Signer | None:
    """The signer of this algorithm, if the site names one; raises KeyUnavailable when it cannot be made."""
    path = conf.SIGNERS.get(alg)
    if path is None:
        return None
    try:
        signer = _made(path)
        its_alg = signer.alg
    except Exception as error:
        raise KeyUnavailable(_does_not_answer(alg, error)) from error
    if its_alg != alg:
        msg = f"The signer of {alg} says that it signs {its_alg!r}."
        raise KeyUnavailable(msg)
    return signer


def listings() -> tuple[Listing, ...]:
    """What each signer in use lists; raises KeyUnavailable when one never answered this process."""
    if not conf.SIGNERS:
        return ()
    return tuple(listing(alg) for alg in served() if alg in conf.SIGNERS)


def listing(alg: str, *, anew: bool = False) -> Listing:
    """The keys a signer lists, at most PROCESS_CACHE_SECONDS old; an older list while it does not answer.

    Raises KeyUnavailable when there is none, or none that relying parties would still have.
    """
    now = time.monotonic()
    known = _listings.get(alg)
    if known is None or anew or now - known.asked_at >= conf.PROCESS_CACHE_SECONDS:
        known = _listings[alg] = _ask(alg, known, now=now)
    if known.why_not and (not known.jwks or now - known.at > _KEPT_SECONDS):
        raise KeyUnavailable(known.why_not)
    return known


def forget() -> None:
    """Ask again at the next use, as a process that has just started."""
    _listings.clear()
    _made.cache_clear()


def _ask(alg: str, known: Listing | None, *, now: float) -> Listing:
    try:
        signer = find(alg)
        listed = tuple(_checked(jwk, alg=alg) for jwk in signer.public_jwks()) if signer is not None else ()
    except KeyUnavailable as error:
        why_not = str(error)
    except Exception as error:  # noqa: BLE001  # whatever a signer raises
        why_not = _does_not_answer(alg, error)
    else:
        if known is not None and known.jwks == listed:
            return Listing(now, now, known.keys, known.jwks)
        return Listing(now, now, tuple(jwt.PyJWK(jwk) for jwk in listed), listed)
    logger.critical("%s", why_not)
    return Listing(now if known is None else known.at, now, *((), ()) if known is None else (known.keys, known.jwks),
                   why_not)  # fmt: skip


def _checked(listed: Mapping[str, Any], *, alg: str) -> dict[str, Any]:
    """The JWK as it is published; raises KeyUnavailable for one that must not be."""
    jwk = {**listed, "alg": alg, "use": "sig"}
    kid, form = jwk.get("kid"), (jwk.get("kty"), jwk.get("crv"))
    if not isinstance(kid, str) or not kid:
        wrong = "without a kid"
    elif _PRIVATE & set(jwk):
        wrong = "with its private part"
    elif listed.get("alg", alg) != alg or form != _FORM[alg]:
        wrong = "for another algorithm"
    elif form[0] == "RSA" and cast("Any", jwt.PyJWK(jwk)).key.key_size < RSA_BITS:
        wrong = f"of fewer than {RSA_BITS} bits (RFC 7518 §3.3)"
    else:
        return jwk
    msg = f"The signer of {alg} lists a key {wrong}."
    raise KeyUnavailable(msg)


def _verifies(key: jwt.PyJWK, signing_input: bytes, signature: object) -> bool:
    algorithm = cast("Any", key.Algorithm)
    return isinstance(signature, bytes) and bool(algorithm.verify(signing_input, key.key, signature))


def _named(kid: str, listed: Listing) -> jwt.PyJWK | None:
    return next((key for key in listed.keys if key.key_id == kid), None)


@lru_cache(maxsize=8)
def _made(path: str) -> Signer:
    return cast("Signer", import_string(path)())


def _does_not_answer(alg: str, error: Exception) -> str:
    # Its message may hold what no log should.
    return f"The signer of {alg} does not answer: {type(error).__name__}."


assert set(_FORM) == set(ALGORITHMS)  # noqa: S101  # a new algorithm says what its keys look like
