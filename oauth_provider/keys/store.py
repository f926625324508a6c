"""The keys in the database, opened: rows read again after PROCESS_CACHE_SECONDS, each key parsed once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import jwt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.db import IntegrityError, transaction

from oauth_provider.conf import conf
from oauth_provider.keys.algorithms import ALGORITHMS, public_jwk
from oauth_provider.keys.encryption import seal, unseal
from oauth_provider.models import AuditEvent, SigningKey
from oauth_provider.values import Event, KeyState

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


@dataclass(frozen=True, slots=True)
class Rows:
    """The usable keys as read at one moment (monotonic seconds)."""

    at: float
    keys: tuple[SigningKey, ...]


# Between asking `is_at_hand` and verifying: much longer than that takes.
_SPARE_SECONDS = 0.1

_rows: Rows | None = None
_private: dict[str, PrivateKeyTypes] = {}
_public: dict[str, jwt.PyJWK] = {}


def usable_keys() -> tuple[SigningKey, ...]:
    """Every key that signs, will sign or is still accepted; at most PROCESS_CACHE_SECONDS old."""
    global _rows
    kept = _rows
    if kept is None or not _is_recent(kept):
        kept = _rows = Rows(time.monotonic(), tuple(SigningKey.objects.usable().order_by("-created_at")))
    return kept.keys


def is_at_hand() -> bool:
    """Whether the rows need not be read now, nor a moment later: `usable_keys` costs no statement."""
    kept = _rows
    return kept is not None and _is_recent(kept, spare=_SPARE_SECONDS)


def _is_recent(rows: Rows, *, spare: float = 0) -> bool:
    return time.monotonic() - rows.at < conf.PROCESS_CACHE_SECONDS - spare


def forget() -> None:
    """Read the rows again at the next use; called after every change of a key in this process."""
    global _rows
    _rows = None


def active_key(alg: str) -> SigningKey:
    """The key that signs with this algorithm; made when there is none yet."""
    key = find_active(alg)
    return key if key is not None else _make_active(alg)


def find_active(alg: str) -> SigningKey | None:
    """The key that signs with this algorithm; None when there is none yet."""
    return next((key for key in usable_keys() if key.alg == alg and key.state == KeyState.ACTIVE), None)


def private_key(row: SigningKey) -> PrivateKeyTypes:
    """The opened private key; raises KeyUnavailable when SECRET_KEY was lost. Parsed once per process."""
    key = _private.get(row.kid)
    if key is None:
        der = unseal(bytes(row.ciphertext), associated=f"{row.kid}|{row.alg}", sealed_with=row.kek_id)
        key = _private[row.kid] = load_der_private_key(der, password=None)
    return key


def public_key(kid: str, alg: str) -> jwt.PyJWK | None:
    """The public key of this `kid` for this algorithm and no other, or None."""
    row = next((key for key in usable_keys() if key.kid == kid and key.alg == alg), None)
    if row is None:
        return None
    key = _public.get(kid)
    if key is None:
        key = _public[kid] = jwt.PyJWK(row.public_jwk)
    return key


def create(alg: str, *, state: KeyState) -> SigningKey:
    """Make and store a key; raises IntegrityError when another worker made one for this state first."""
    private, jwk = _generate(alg)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    ciphertext, sealed_with = seal(der, associated=f"{jwk['kid']}|{alg}")
    row = SigningKey(kid=jwk["kid"], alg=alg, state=state, public_jwk=jwk, ciphertext=ciphertext, kek_id=sealed_with)
    with transaction.atomic():
        row.save(force_insert=True)
        if state == KeyState.ACTIVE:
            row.activate()
        AuditEvent.objects.record(Event.KEY_CREATED, detail={"kid": row.kid, "alg": alg, "state": state.value})
    forget()
    return row


def _generate(alg: str) -> tuple[PrivateKeyTypes, dict[str, Any]]:
    """A key pair whose id a command line takes for a value, not for an option."""
    while True:
        private = ALGORITHMS[alg].generate()
        jwk = public_jwk(cast("Any", private).public_key(), alg=alg)
        if not jwk["kid"].startswith("-"):
            return private, jwk


def _make_active(alg: str) -> SigningKey:
    """Insert or read: at most one active key per algorithm, by the UNIQUE constraint."""
    try:
        return create(alg, state=KeyState.ACTIVE)
    except IntegrityError:
        forget()
        return SigningKey.objects.get(alg=alg, state=KeyState.ACTIVE)
