"""Databases: do they answer, are our tables up to date, what is read from a replica, and is its clock ours?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.utils.connection import ConnectionDoesNotExist

from oauth_provider.conf import conf
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.insight.doctor.said import about
from oauth_provider.models import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.insight.doctor.said import Said

_APPS = ("oauth_provider", "oauth2_provider")
_NOW = {
    "sqlite": "SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')",
    "postgresql": "SELECT STATEMENT_TIMESTAMP()",
}
_ANY_NOW = "SELECT CURRENT_TIMESTAMP"
_LITTLE_SECONDS = 1.0


def examine(said: Said) -> Iterator[Diagnosis]:
    """Nothing is written."""
    alias = router.db_for_write(Client)
    connection = connections[alias]
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield problem(
            "database",
            f"The database {alias!r} does not answer: {type(error).__name__}.",
            f"Look at DATABASES[{alias!r}] and whether its server runs.",
        )
        return
    yield ok("database", f"The database {alias!r} ({connection.display_name}) answers.")
    yield from _migrations(connection)
    yield from about(said, "sqlite", ("W010",), lambda: "Transactions that write begin with the lock, or need none.")
    if connection.vendor == "sqlite":
        yield _journal(connection)
    if connection.vendor == "postgresql":
        yield _primary(connection)
    yield _replica(alias)
    yield clock(connection)


def _migrations(connection: Any) -> Iterator[Diagnosis]:
    executor = MigrationExecutor(connection)
    wanted = [key for key in executor.loader.graph.leaf_nodes() if key[0] in _APPS]
    missing = [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(wanted)]
    if missing:
        yield problem(
            "migrations", f"{len(missing)} migrations are not applied: {', '.join(missing[:3])}.", "Run migrate."
        )
    else:
        yield ok("migrations", "Our tables and those of django-oauth-toolkit are up to date.")


def _ask(connection: Any, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _journal(connection: Any) -> Diagnosis:
    mode = str(_ask(connection, "PRAGMA journal_mode")).lower()
    if mode in {"wal", "memory"}:
        return ok("journal", f"SQLite's journal mode is {mode}: readers do not wait for the writer.")
    return warning(
        "journal",
        f"SQLite's journal mode is {mode}: who reads waits for who writes, and the other way round.",
        f"DATABASES[{connection.alias!r}]['OPTIONS']['init_command'] = 'PRAGMA journal_mode=WAL;'",
    )


def _primary(connection: Any) -> Diagnosis:
    if _ask(connection, "SELECT pg_is_in_recovery()"):
        return problem(
            "primary",
            f"{connection.alias!r}, where we write, is a standby: nothing can be written there.",
            f"Let DATABASES[{connection.alias!r}] name the primary.",
        )
    return ok("primary", f"{connection.alias!r} is the primary.")


def _replica(alias: str) -> Diagnosis:
    reading = router.db_for_read(Client)
    if reading == alias:
        return ok("replica", f"Everything is read from {alias!r}, too.")
    try:
        connections[reading].ensure_connection()
    except (DatabaseError, ConnectionDoesNotExist) as error:
        return problem(
            "replica",
            f"Lists are read from {reading!r}, which does not answer: {type(error).__name__}.",
            f"Look at DATABASES[{reading!r}], or let the router read from {alias!r}.",
        )
    return ok("replica", f"Lists are read from {reading!r}; what decides is read from {alias!r}.")


def clock(connection: Any) -> Diagnosis:
    """How far the clock of the database is from this process's, at least."""
    before = datetime.now(tz=UTC)
    found = _ask(connection, _NOW.get(connection.vendor, _ANY_NOW))
    after = datetime.now(tz=UTC)
    at = datetime.fromisoformat(found) if isinstance(found, str) else found
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    # As much as the two differ for certain, whenever the database looked while we waited.
    apart = max((before - at).total_seconds(), (at - after).total_seconds(), 0.0)
    told = f"The clock of the database and that of this process differ by {apart:.3f} seconds"
    fix = "Let both machines follow one time server (NTP)."
    if apart > conf.CLOCK_SKEW:
        return problem("clock", f"{told}; {conf.CLOCK_SKEW} are allowed: fresh tokens are refused.", fix)
    return warning("clock", f"{told}.", fix) if apart > _LITTLE_SECONDS else ok("clock", f"{told}.")
