"""Times that are compared in SQL come from one clock, the database's, whatever the workers' clocks say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.db.models.functions import Now

if TYPE_CHECKING:
    from datetime import datetime


def from_now(seconds: float) -> datetime:
    """The database's time in so many seconds, as an expression to write or to compare with.

    Typed as the value the column takes; read it back from the row, not from the instance it was written with.
    """
    return cast("datetime", Now() + timedelta(seconds=seconds))


# For `annotate(**DATABASE_NOW)`: the row says what time it was read at, `row.database_now`.
DATABASE_NOW: dict[str, Any] = {"database_now": Now()}
