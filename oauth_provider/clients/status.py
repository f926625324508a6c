"""Status of a client: suspended now, active again."""

from __future__ import annotations

from django.db import transaction

from oauth_provider import signals
from oauth_provider.clients import known
from oauth_provider.models import AuditEvent, Client
from oauth_provider.values import Event, Source


def suspend(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Refuse the client at every endpoint and every token of it at every check, from now on."""
    with transaction.atomic():
        client.suspend()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(Event.CLIENT_SUSPENDED, client=client, actor=actor, source=source)
        transaction.on_commit(
            lambda: signals.client_suspended.send_robust(Client, client=client, user=None, grant=None, request=None)
        )


def reactivate(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Let a suspended client work again."""
    with transaction.atomic():
        client.reactivate()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(Event.CLIENT_REACTIVATED, client=client, actor=actor, source=source)


def end_tokens(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """End every token the client has; it may get new ones."""
    with transaction.atomic():
        client.end_tokens()
        AuditEvent.objects.record(
            Event.GRANT_REVOKED,
            client=client,
            actor=actor,
            source=source,
            detail={"reason": "client_tokens_ended"},
        )
