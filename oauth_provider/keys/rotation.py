"""Rotation: publish before use, retire after the longest token life. Safe to run anywhere, any number of times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from oauth_provider import signals
from oauth_provider.conf import conf
from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.values import Event, KeyState, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


def ensure(*, actor: str = "") -> list[str]:
    """Make an active key for every algorithm that has none; say what was made."""
    del actor
    before = {key.kid for key in SigningKey.objects.all()}
    store.forget()
    keys = [store.active_key(alg) for alg in ALGORITHMS]
    return [f"made {key.alg} {key.kid}" for key in keys if key.kid not in before]


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
    """
    done = ensure()
    for alg in ALGORITHMS:
        done.extend(_step(alg, actor=actor, if_due=if_due, now=now, source=source))
    store.forget()
    return done


def revoke(kid: str, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Emergency: stop publishing and accepting a key at once, and sign with a new one."""
    with transaction.atomic():
        row = SigningKey.objects.get(kid=kid)
        was_active = row.state == KeyState.ACTIVE
        row.revoke()
        if was_active:
            _activate_next_or_new(row.alg)
        AuditEvent.objects.record(Event.KEY_REVOKED, actor=actor, source=source, detail={"kid": kid, "alg": row.alg})
    store.forget()


def _step(alg: str, *, actor: str, if_due: bool, now: bool, source: Source) -> Iterable[str]:
    active = SigningKey.objects.get(alg=alg, state=KeyState.ACTIVE)
    following = SigningKey.objects.filter(alg=alg, state=KeyState.NEXT).first()
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
        # The UPDATE decides between two runners: only one finds the key still active.
        if not SigningKey.objects.filter(pk=active.pk, state=KeyState.ACTIVE).update(state=KeyState.RETIRED):
            return
        active.retire(published_seconds=longest_token_life())
        following.activate()
        AuditEvent.objects.record(
            Event.KEY_ROTATED, actor=actor, source=source, detail={"alg": alg, "from": active.kid, "to": following.kid}
        )
        transaction.on_commit(
            lambda: signals.key_rotated.send_robust(SigningKey, client=None, user=None, grant=None, request=None)
        )
    names = {"alg": alg, "new": following.kid, "old": active.kid}
    yield _("%(alg)s %(new)s signs now; %(old)s is retired") % names


def _activate_next_or_new(alg: str) -> None:
    following = SigningKey.objects.filter(alg=alg, state=KeyState.NEXT).first()
    if following is not None:
        following.activate()
    else:
        store.create(alg, state=KeyState.ACTIVE)


def longest_token_life() -> int:
    """Seconds the longest-lived JWT may still be presented after it was signed, clock skew included."""
    of_clients = Client.objects.aggregate(longest=Max("access_token_lifetime"))["longest"] or 0
    return max(of_clients, conf.ACCESS_TOKEN_LIFETIME, conf.ID_TOKEN_LIFETIME) + conf.CLOCK_SKEW
