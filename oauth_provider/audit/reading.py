"""Reading many rows: page by page along the primary key, in bounded memory and with no cursor held open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

# What Django and the drivers raise on a value that the column cannot hold: somebody else wrote it.
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, DataError)


def pages(rows: QuerySet[Any, dict[str, Any]], *, size: int) -> Iterator[list[dict[str, Any]]]:
    """The rows, given as values with their `id`, in the order of their ids."""
    rows = rows.order_by("pk")
    page = list(rows[:size])
    while page:
        last = page[-1]["id"]
        yield page
        # A short page was the last one, unless a row has come in since: that one is not waited for.
        page = list(rows.filter(pk__gt=last)[:size]) if len(page) == size else []
