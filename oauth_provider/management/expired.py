"""What has expired and is of no use any more, deleted in short statements while the site goes on working.

Kept on purpose: a rotated refresh token until its own end, a consumed code until the longest token it could
have given has ended, because presenting either again must end the grant (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, models, router
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from oauth_provider.clients import unconfirmed
from oauth_provider.keys import rotation
from oauth_provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    DeviceCode,
    Grant,
    LogoutDelivery,
    RefreshToken,
    RevokedToken,
    Session,
    SigningKey,
    StoredRequest,
    UsedJti,
    UserCodeAttempt,
)
from oauth_provider.values import KeyState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

MAX_BATCH = 5000
_TRIES = 5
_DAY = timedelta(days=1)
# For as long an admin sees who could not be told of a sign-out.
_LETTERS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one table that are over once `column` lies `kept` in the past."""

    model: type[models.Model]
    column: str = "expires_at"
    kept: Callable[[], timedelta] = timedelta
    # The table is walked by primary key because no index finds its rows.
    by_walk: bool = False

    @property
    def name(self) -> str:
        """What the operator reads."""
        return str(self.model._meta.verbose_name_plural)

    def over(self) -> QuerySet[Any]:
        """The rows that may go, by the database's clock."""
        rows = self.model._base_manager.using(router.db_for_write(self.model))
        if self.model is Grant:
            return rows.filter(_is_over(self.kept()), *_without_rows())
        return rows.filter(**{f"{self.column}__lte": Now() - self.kept()})


def _longest_life() -> timedelta:
    """How long after a code or grant has ended a token it gave may still be presented."""
    return max(_DAY, timedelta(seconds=rotation.longest_token_life()))


def _is_over(kept: timedelta) -> Q:
    return Q(expires_at__lte=Now() - kept) | Q(revoked_at__lte=Now() - kept)


def _without_rows() -> list[Any]:
    """Conditions: nothing hangs on the grant any more, so that deleting it deletes nothing else."""
    children: tuple[type[models.Model], ...] = (AccessToken, RefreshToken, AuthorizationCode, DeviceCode)
    return [~Exists(child._base_manager.filter(grant_id=OuterRef("pk"))) for child in children]


# In this order: a grant can go once what hangs on it has gone.
KINDS = (
    Kind(AccessToken),
    Kind(RefreshToken, kept=lambda: timedelta(minutes=2)),  # no refresh that began in time is still under way
    Kind(AuthorizationCode, kept=_longest_life),
    Kind(DeviceCode, kept=lambda: _DAY),
    Kind(Session),
    Kind(LogoutDelivery, column="created_at", kept=lambda: _LETTERS_KEPT),
    Kind(StoredRequest, kept=lambda: _DAY),
    Kind(RevokedToken, kept=lambda: timedelta(minutes=2)),  # longer than CLOCK_SKEW lets a JWT live on
    Kind(UsedJti, kept=lambda: timedelta(minutes=2)),  # as above
    Kind(UserCodeAttempt, column="at", kept=lambda: _DAY),
    Kind(Grant, kept=_longest_life, by_walk=True),
)


def delete(kind: Kind, *, batch_size: int, sleep: float = 0.0) -> Iterator[int]:
    """Delete what is over, yielding how many rows each committed batch took; stopping between loses nothing.

    Two runners at once share the work: each deletes what the other has not. `sleep`: seconds between batches.
    """
    over = kind.over()
    for keys in (_walked if kind.by_walk else _expired)(kind, over, batch_size=batch_size):
        yield _try_again(partial(_delete, over, keys))
        if sleep:
            time.sleep(sleep)


def _expired(kind: Kind, over: QuerySet[Any], *, batch_size: int) -> Iterator[list[Any]]:
    """Primary keys in the order of the index on `column`, from where the last batch ended."""
    rows = over.order_by(kind.column)
    batch = list(rows.values_list("pk", kind.column)[:batch_size])
    while batch:
        yield [pk for pk, _at in batch]
        last = batch[-1][1]
        batch = list(rows.filter(**{f"{kind.column}__gte": last}).values_list("pk", kind.column)[:batch_size])


def _walked(kind: Kind, over: QuerySet[Any], *, batch_size: int) -> Iterator[list[Any]]:
    """Primary keys of every row, over or not, in their own order; `_delete` looks again."""
    rows = kind.model._base_manager.using(router.db_for_write(kind.model)).order_by("pk").values_list("pk", flat=True)
    keys = list(rows[:batch_size])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1])[:batch_size])


def _delete(over: QuerySet[Any], keys: list[Any]) -> int:
    using = over.db
    if over.model is RefreshToken:
        # What Django's SET_NULL would do, without reading five thousand rows.
        RefreshToken.objects.using(using).filter(predecessor_id__in=keys).update(predecessor=None)
    # The condition again: a row may have been used since it was read.
    # Without Django's collector: nothing hangs on these rows, and it would read them all.
    return int(over.filter(pk__in=keys)._raw_delete(using))  # noqa: SLF001


def _try_again(work: Callable[[], int]) -> int:
    """SQLite refuses a second writer, PostgreSQL ends one of two that wait for each other: try again."""
    for tried in range(1, _TRIES):
        try:
            return work()
        except OperationalError:
            time.sleep(0.05 * 2**tried)
    return work()


def mark_ended_keys(*, actor: str) -> int:
    """Mark signing keys whose time of publication is over as revoked; how many."""
    ended = SigningKey.objects.filter(state=KeyState.RETIRED, retire_at__lte=Now()).values_list("kid", flat=True)
    for kid in list(ended):
        rotation.revoke(kid, actor=actor)
    return len(ended)


def unconfirmed_over() -> int:
    """How many clients registered themselves, were allowed by nobody, and are over."""
    return Client.objects.filter(unconfirmed_until__lte=Now()).count()


def erase_unconfirmed(*, batch_size: int, sleep: float = 0.0) -> int:
    """Erase them in short transactions; how many."""
    done = 0
    while rows := unconfirmed.expire(batch_size):
        done += rows
        time.sleep(sleep)
    return done
