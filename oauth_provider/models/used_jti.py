"""UsedJti: what may be used once and was, until it could not be used anyway (RFC 9449 §11.1, RFC 7523 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections, models

from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from datetime import datetime


class UsedJtiManager(DecidingManager["UsedJti"]):
    """Adds a row once, and knows whether it was there."""

    def use(self, digest: str, *, expires_at: datetime) -> bool:
        """Whether this is the first use; one INSERT, which two workers cannot both win (DP5)."""
        connection = connections[self.db]
        columns: list[Any] = [UsedJti._meta.get_field(name) for name in ("digest", "expires_at")]
        names = ", ".join(connection.ops.quote_name(column.column) for column in columns)
        table = connection.ops.quote_name(UsedJti._meta.db_table)
        # `bulk_create(ignore_conflicts=True)` does not say how many rows it made.
        sql = f"INSERT INTO {table} ({names}) VALUES (%s, %s) ON CONFLICT DO NOTHING"  # noqa: S608  # our own names
        given = zip(columns, (digest, expires_at), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(sql, [column.get_db_prep_save(value, connection) for column, value in given])
            return bool(cursor.rowcount)


class UsedJti(models.Model):
    """The digest of one value that was used."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsedJtiManager()

    class Meta:
        verbose_name_plural = "used jti"

    def __str__(self) -> str:
        return self.digest[:8]
