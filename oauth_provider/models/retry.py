"""Trying again what PostgreSQL gave up because of another transaction: deadlocks, and what a site that runs at
SERIALIZABLE or REPEATABLE READ gets instead of waiting (R5).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

# All tries together, the first one included.
TRIES = 3
# serialization_failure, deadlock_detected
_GIVEN_UP = frozenset({"40001", "40P01"})


def retried(work: Callable[P, T]) -> Callable[P, T]:
    """Make a whole transaction be tried up to three times; within a transaction of the caller it runs once.

    For work that raises nothing it wants to keep: what it raises rolls it back. The last try runs at READ
    COMMITTED, where our statements wait for each other instead of failing: it is the level they are written for,
    and any number of requests for one family comes through.
    """

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if not _may_succeed_later(error):
                    raise
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            return work(*args, **kwargs)

    return run


def _may_succeed_later(error: OperationalError) -> bool:
    """Whether PostgreSQL gave up a transaction of ours that another one only delayed."""
    cause = error.__cause__
    # psycopg 3 and psycopg2 name the code differently.
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return code in _GIVEN_UP and not connection.in_atomic_block
