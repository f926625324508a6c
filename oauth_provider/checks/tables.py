"""Which databases a database check may look at, and what happens while our tables are not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import DatabaseError, connections, router, transaction

from oauth_provider.checks.values import is_readable
from oauth_provider.models import Client

DatabaseCheck = Callable[..., list[CheckMessage]]


def on_each_database(look: Callable[[str], Iterable[CheckMessage]]) -> DatabaseCheck:
    """A check that runs `look` on each asked database that holds our tables.

    `migrate` runs database checks before it makes or alters tables, so a table or column that is missing
    means that there is nothing to say yet. Nor is there where the settings cannot be read, which is said elsewhere.
    """

    def check(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
        found: list[CheckMessage] = []
        for alias in databases or () if is_readable() else ():
            if router.allow_migrate_model(alias, Client):
                found.extend(_look(look, alias))
        return found

    # Not functools.wraps: Django would look for **kwargs in the wrapped function.
    check.__name__, check.__doc__, check.__module__ = look.__name__, look.__doc__, look.__module__
    return check


def _look(look: Callable[[str], Iterable[CheckMessage]], alias: str) -> list[CheckMessage]:
    if Client._meta.db_table not in connections[alias].introspection.table_names():
        return []
    try:
        with transaction.atomic(using=alias):
            return list(look(alias))
    except DatabaseError:
        return []
