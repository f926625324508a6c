"""Where a value that was pasted must not be found again."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection


def everything_kept() -> str:
    """Every row of every table, every session opened, and the cache, as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a name from the schema
            found.extend(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall())
    found.extend(repr(session.get_decoded()) for session in Session.objects.all())
    return "\n".join([*found, *(repr(value) for value in _cached())])


def _cached() -> list[bytes]:
    """What the cache holds, in local memory or in Redis."""
    backend = caches["default"]
    if isinstance(backend, LocMemCache):
        return list(backend._cache.values())
    client = backend._cache.get_client()
    return [client.get(name) for name in client.scan_iter("*") if client.type(name) == b"string"]
