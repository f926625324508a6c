"""Moving the private keys over to the present key-encryption key, after SECRET_KEY or KEY_ENCRYPTION was changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction

from oauth_provider.errors import KeyUnavailable
from oauth_provider.keys import encryption, store
from oauth_provider.models import AuditEvent, SigningKey
from oauth_provider.values import Event

logger = logging.getLogger("oauth_provider.keys")


@dataclass(frozen=True, slots=True)
class Closed:
    """A key that could not be opened, and why."""

    key: SigningKey
    why: str


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was done: keys sealed anew, keys that could not be, and ended ones whose private part was erased."""

    moved: tuple[SigningKey, ...]
    closed: tuple[Closed, ...]
    erased: int


def reseal(*, actor: str = "") -> Resealed:
    """Seal every key that signs or will sign under what seals now; safe anywhere, any number of times, two at once.

    Each key is written for itself, and only where nobody else did so meanwhile: what was interrupted is gone on with
    by running it again. Raises KeyUnavailable when nothing can be sealed.
    """
    present = encryption.present_id()
    moved, closed = [], []
    for key in SigningKey.objects.signing().exclude(kek_id=present).order_by("alg", "state"):
        try:
            der = store.opened(key)
        except KeyUnavailable as error:
            closed.append(Closed(key, str(error)))
            continue
        ciphertext, kek_id = store.sealed(der, kid=key.kid, alg=key.alg)
        # The event with the key: what is interrupted has told of all it did.
        with transaction.atomic():
            is_moved = key.reseal(ciphertext=ciphertext, kek_id=kek_id)
            if is_moved:
                AuditEvent.objects.record(Event.KEY_RESEALED, actor=actor, detail={"kid": key.kid, "alg": key.alg})
        if is_moved:
            moved.append(key)
            logger.info("The %s key %s is sealed anew", key.alg, key.kid)
    erased = SigningKey.objects.erase_private_parts()
    store.forget()
    return Resealed(tuple(moved), tuple(closed), erased)
