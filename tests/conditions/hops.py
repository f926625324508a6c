"""Counting hops from a loop into a thread: every `sync_to_async` that runs, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from asgiref.sync import SyncToAsync

_counted: ContextVar[list[int] | None] = ContextVar("hops", default=None)
_call = SyncToAsync.__call__


async def _counting(self: Any, *args: Any, **kwargs: Any) -> Any:
    counter = _counted.get()
    if counter is not None:
        counter[0] += 1
    return await _call(self, *args, **kwargs)


def install() -> None:
    """Count from now on, for a process that answers several requests at once."""
    SyncToAsync.__call__ = _counting  # type: ignore[method-assign]


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many hops the code within makes, in the one element of the list."""
    before = SyncToAsync.__call__
    install()
    counter = [0]
    token = _counted.set(counter)
    try:
        yield counter
    finally:
        _counted.reset(token)
        SyncToAsync.__call__ = before  # type: ignore[method-assign]
