"""Status of a client. Suspend, revoke access, archive and delete are four words for four things."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from oauth_provider import signals
from oauth_provider.clients import known
from oauth_provider.models import AuditEvent, Client
from oauth_provider.values import ClientStatus, Event, Source


def suspend(client: Client, *, reason: str = "", actor: str = "", source: Source = Source()) -> None:  # noqa: B008
    """Refuse the client at every endpoint and every token of it at every check, from now on."""
    with transaction.atomic():
        client.suspend()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.CLIENT_SUSPENDED, client=client, actor=actor, source=source, detail=_because(reason)
        )
        transaction.on_commit(
            lambda: signals.client_suspended.send_robust(Client, client=client, user=None, grant=None, request=None)
        )


def reactivate(client: Client, *, reason: str = "", actor: str = "", source: Source = Source()) -> None:  # noqa: B008
    """Let a suspended client work again."""
    with transaction.atomic():
        client.reactivate()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.CLIENT_REACTIVATED, client=client, actor=actor, source=source, detail=_because(reason)
        )


def end_tokens(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """End every token the client has; it may get new ones."""
    with transaction.atomic():
        client.end_tokens()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(
            Event.GRANT_REVOKED,
            client=client,
            actor=actor,
            source=source,
            detail={"reason": "client_tokens_ended"},
        )


def archive(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Put the client away: refused everywhere, its tokens ended, its history kept; it can be restored."""
    with transaction.atomic():
        client.archive()
        transaction.on_commit(known.forget)
        AuditEvent.objects.record(Event.CLIENT_ARCHIVED, client=client, actor=actor, source=source)


def restore(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Take the client out of the archive; it stays suspended until it is reactivated."""
    with transaction.atomic():
        client.restore()
        AuditEvent.objects.record(Event.CLIENT_RESTORED, client=client, actor=actor, source=source)


def delete(client: Client, *, actor: str = "", source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Delete the client with everything issued to it; its events stay. Raises ValidationError unless archived."""
    if client.status != ClientStatus.ARCHIVED:
        raise ValidationError(_("Only an archived client can be deleted."), code="not_archived")
    with transaction.atomic():
        AuditEvent.objects.record(
            Event.CLIENT_DELETED, client=client, actor=actor, source=source, detail={"name": client.name}
        )
        client.erase()
        transaction.on_commit(known.forget)


def _because(reason: str) -> dict[str, object]:
    return {"reason": reason[:500]} if reason else {}
