"""Where a value that was pasted must not be found again."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection


def everything_kept() -> str:
    """Every row of every table, every session opened, and the local-memory cache, as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a name from the schema
            found.extend(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall())
    found.extend(repr(session.get_decoded()) for session in Session.objects.all())
    found.extend(repr(value) for value in cache._cache.values())
    return "\n".join(found)
