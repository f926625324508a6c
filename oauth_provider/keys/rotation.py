"""Rotation: publish before use, retire after the longest token life. Safe to run anywhere, any number of times."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from oauth_provider import signals
from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable, NoSigningKey
from oauth_provider.keys import signers, store
from oauth_provider.keys.algorithms import served
from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.values import Event, KeyState, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger("oauth_provider.keys")

# A request that took the old key signs a moment after it was retired.
_REQUEST_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Algorithms:
    """Which of the served algorithms keys of ours sign with, and which nobody can tell of, with the reason."""

    ours: tuple[str, ...]
    unclear: Mapping[str, str]


def divide() -> Algorithms:
    """Ask the signers which of them sign."""
    ours, unclear = [], {}
    for alg in served():
        try:
            if signers.signing_key(alg) is None:
                ours.append(alg)
        except KeyUnavailable as error:
            unclear[alg] = str(error)
            logger.critical("The keys of %s are left alone: %s", alg, error)
    return Algorithms(tuple(ours), unclear)


def ensure(*, actor: str = "") -> list[str]:
    """Make an active key for every algorithm that has none; say what was made. Raises KeyUnavailable."""
    del actor
    return _ensure(divide().ours)


def _ensure(algs: tuple[str, ...]) -> list[str]:
    before = {key.kid for key in SigningKey.objects.all()}
    store.forget()
    keys = [store.active_key(alg) for alg in algs]
    return [_("made %(alg)s %(kid)s") % {"alg": key.alg, "kid": key.kid} for key in keys if key.kid not in before]


def rotate(
    *,
    actor: str = "",
    if_due: bool = False,
    now: bool = False,
    source: Source = Source(),  # noqa: B008  # frozen
) -> list[str]:
    """Take each algorithm one step further and say what was done.

    No active key: one is made. Without a next key one is published; once it has been published for
    KEY_PUBLISH_LIFETIME seconds (or at once with `now`) it signs and the old one stays published until the
    longest-lived token it signed has expired. `if_due` waits until the active key is KEY_ROTATION_LIFETIME old.
    Keys of an algorithm that is offered no more, or that a signer signs with now, are retired.

    Raises KeyUnavailable, before anything is done, when a present key cannot be opened: whoever runs this with another
    SECRET_KEY than the site would seal the new keys under it. With `now` those keys are replaced.
    """
    algs = divide()
    if not now:
        for row in SigningKey.objects.signing().filter(alg__in=algs.ours):
            store.opened(row)
    done = _ensure(algs.ours)
    for alg in algs.ours:
        done.extend(_step(alg, actor=actor, if_due=if_due, now=now, source=source))
    done.extend(_stand_down((*algs.ours, *algs.unclear), actor=actor, source=source))
    done.extend(_("%(alg)s is left alone: %(why)s") % {"alg": alg, "why": why} for alg, why in algs.unclear.items())
    store.forget()
    return done


def revoke(kid: str, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Emergency: stop publishing and accepting a key at once, and sign with the next or a new one.

    Raises SigningKey.DoesNotExist for an id that no key in the database has.
    """
    row = SigningKey.objects.get(kid=kid)
    with transaction.atomic():
        if not row.revoke():
            return
        # What was read may have been true a moment ago: the next key steps in wherever no key signs now.
        signs = SigningKey.objects.filter(alg=row.alg, state=KeyState.ACTIVE).exists()
        following = None if signs else SigningKey.objects.filter(alg=row.alg, state=KeyState.NEXT).first()
        if following is not None:
            signs = following.activate()
        AuditEvent.objects.record(Event.KEY_REVOKED, actor=actor, source=source, detail={"kid": kid, "alg": row.alg})
        transaction.on_commit(store.forget)
    store.forget()
    if not signs:
        _replace(row.alg)


def _replace(alg: str) -> None:
    """Have a key that signs; whatever stands against it, the old one stays revoked."""
    try:
        if alg in divide().ours:
            store.active_key(alg)
    except KeyUnavailable as error:
        logger.critical("There is no signing key for %s after the old one was revoked: %s", alg, error)


def _step(alg: str, *, actor: str, if_due: bool, now: bool, source: Source) -> Iterable[str]:
    active = SigningKey.objects.get(alg=alg, state=KeyState.ACTIVE)
    following = _following(alg, actor=actor, source=source)
    if following is None:
        published_from = timezone.now() - timedelta(seconds=conf.KEY_ROTATION_LIFETIME - conf.KEY_PUBLISH_LIFETIME)
        if if_due and active.activated_at is not None and active.activated_at > published_from:
            return
        try:
            following = store.create(alg, state=KeyState.NEXT)
        except IntegrityError:
            return  # another worker has just published the next key
        yield _("published %(alg)s %(kid)s as next") % {"alg": alg, "kid": following.kid}
    ready_at = following.created_at + timedelta(seconds=conf.KEY_PUBLISH_LIFETIME)
    if not now and timezone.now() < ready_at:
        return
    with transaction.atomic():
        # Between two runners the first UPDATE decides; and where the next key was revoked meanwhile, the old one stays.
        if not (active.retire(published_seconds=longest_token_life()) and following.activate()):
            transaction.set_rollback(True)
            return
        AuditEvent.objects.record(
            Event.KEY_ROTATED, actor=actor, source=source, detail={"alg": alg, "from": active.kid, "to": following.kid}
        )
        transaction.on_commit(store.forget)
        transaction.on_commit(
            lambda: signals.key_rotated.send_robust(SigningKey, client=None, user=None, grant=None, request=None)
        )
    names = {"alg": alg, "new": following.kid, "old": active.kid}
    yield _("%(alg)s %(new)s signs now; %(old)s is retired") % names


def _following(alg: str, *, actor: str, source: Source) -> SigningKey | None:
    """The next key, if there is one that can be opened; one that cannot never signed, and is revoked."""
    row = SigningKey.objects.filter(alg=alg, state=KeyState.NEXT).first()
    if row is not None:
        try:
            store.opened(row)
        except NoSigningKey:
            revoke(row.kid, actor=actor, source=source)
            return None
    return row


def _stand_down(wanted: tuple[str, ...], *, actor: str, source: Source) -> Iterable[str]:
    """Retire what signs with an algorithm that keys of ours do not sign with any more."""
    for row in SigningKey.objects.signing().exclude(alg__in=wanted).order_by("alg", "state"):
        if row.state == KeyState.NEXT:
            revoke(row.kid, actor=actor, source=source)
            continue
        with transaction.atomic():
            if not row.retire(published_seconds=longest_token_life()):
                continue
            AuditEvent.objects.record(
                Event.KEY_ROTATED, actor=actor, source=source, detail={"alg": row.alg, "from": row.kid, "to": ""}
            )
        yield _("%(alg)s %(old)s is retired: no key of ours signs with %(alg)s any more") % {
            "alg": row.alg,
            "old": row.kid,
        }


def longest_token_life() -> int:
    """Seconds the longest-lived JWT may still be presented after its key was retired.

    Clock skew is included, and that another process may go on signing until it reads the keys again.
    """
    of_clients = Client.objects.aggregate(longest=Max("access_token_lifetime"))["longest"] or 0
    longest = max(of_clients, conf.ACCESS_TOKEN_LIFETIME, conf.SHORT_ACCESS_TOKEN_LIFETIME, conf.ID_TOKEN_LIFETIME)
    return longest + conf.CLOCK_SKEW + ceil(conf.PROCESS_CACHE_SECONDS) + _REQUEST_SECONDS
