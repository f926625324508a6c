"""Secrets of a client: added beside the old one, then the old one retired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import signals
from oauth_provider.clients import known
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from datetime import datetime


def add(
    client: Client,
    *,
    expires_at: datetime | None = None,
    actor: str = "",
    source: Source = Source(),  # noqa: B008  # frozen
) -> tuple[ClientSecret, str]:
    """Add a live secret and return its row with the plain value, which is shown this once."""
    with transaction.atomic():
        row, value = ClientSecret.objects.add(client, expires_at=expires_at)
        AuditEvent.objects.record(
            Event.SECRET_ADDED, client=client, actor=actor, source=source, detail={"hint": row.hint}
        )
        transaction.on_commit(
            lambda: signals.secret_rotated.send_robust(Client, client=client, user=None, grant=None, request=None)
        )
    return row, value


def revoke(row: ClientSecret, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """End one secret now."""
    with transaction.atomic():
        row.revoke()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.SECRET_REVOKED, client=row.client, actor=actor, source=source, detail={"hint": row.hint}
        )
