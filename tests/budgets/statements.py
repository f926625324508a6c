"""Counting the statements of one request, and saying which they were when there are too many."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

from oauth_provider.clients import known
from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Iterator

# What opens and closes transactions is no statement of ours; the tests' own transaction turns ours into savepoints.
_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def warm_keys() -> None:
    """Have the signing keys made, read and opened, as in a process that has served before."""
    store.forget()
    for alg in ALGORITHMS:
        store.private_key(store.active_key(alg))
    store.usable_keys()


@contextmanager
def budget(most: int, *, exactly: int | None = None) -> Iterator[None]:
    """Let the block run at most so many statements; `exactly` is the minimum we reach and want to keep."""
    warm_keys()
    # The table counts a client that was not met within the last second.
    known.forget()
    with CaptureQueriesContext(connection) as captured:
        yield
    sql = [query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(_FRAME)]
    listing = "\n".join(f"{number:>3}. {statement[:600]}" for number, statement in enumerate(sql, start=1))
    assert len(sql) <= most, f"{len(sql)} statements, the budget is {most}:\n{listing}"
    if exactly is not None:
        assert len(sql) == exactly, f"{len(sql)} statements instead of {exactly}:\n{listing}"
