"""Signing keys: is there one, does it open, how old is it, what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, warning
from oauth_provider.insight.doctor.said import about
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.insight.doctor.said import Said


def examine(said: Said) -> Iterator[Diagnosis]:
    """No key is made: looking changes nothing."""
    rows = {(row.alg, row.state): row for row in SigningKey.objects.usable()}
    yield from about(said, "keys-open", ("E201",), lambda: "Every stored key can be opened with SECRET_KEY.")
    yield from about(said, "keys-active", ("W201",), lambda: f"There is a key for {' and '.join(ALGORITHMS)}.")
    now = timezone.now()
    for alg in ALGORITHMS:
        active, following = rows.get((alg, KeyState.ACTIVE.value)), rows.get((alg, KeyState.NEXT.value))
        if active is None:
            continue
        age = now - (active.activated_at or active.created_at)
        told = f"The {alg} key {active.kid} has signed for {age.days} days"
        told += f"; {following.kid} is published as next." if following else "; none is published as next."
        if age > timedelta(seconds=conf.KEY_ROTATION_LIFETIME):
            due = conf.KEY_ROTATION_LIFETIME // 86400
            yield warning(
                "keys-age",
                f"{told} It was due after {due} days.",
                "Run oauth_rotate_keys --if-due every day from cron.",
            )
        else:
            yield ok("keys-age", told)
