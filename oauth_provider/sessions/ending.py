"""Ending a session: its sign-ins at clients, the tokens that go with it, and the outbox that tells the clients.

All in one transaction: what is written is told, and what is told was written (security R13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider.models import AuditEvent, Grant, LogoutDelivery, Session
from oauth_provider.models.retry import retried
from oauth_provider.sessions import backchannel
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import QuerySet


def end(
    sid: str, *, reason: str, user: AbstractBaseUser | None = None, source: Source = Source()  # noqa: B008  # frozen
) -> list[Session]:  # fmt: skip
    """End the session with this `sid` and return where somebody was signed in by it; empty when it had ended before.

    Grants that were made for no longer than it end with it (OpenID Connect Back-Channel Logout §2.7).
    """
    return _end(Session.objects.filter(sid=sid), sids=[sid], reason=reason, user=user, source=source)


@retried
def _end(
    rows: QuerySet[Session], *, sids: list[str], reason: str, user: AbstractBaseUser | None, source: Source
) -> list[Session]:
    with transaction.atomic():
        ended = Session.objects.end(rows, reason=reason)
        grants = sum(Grant.objects.revoke_with_session(sid, reason=reason) for sid in sids)
        if not ended and not grants:
            return []
        deliveries = LogoutDelivery.objects.put(ended)
        AuditEvent.objects.record(
            Event.SESSION_ENDED, user=user, source=source,
            detail={"reason": reason, "clients": [row.client.client_id for row in ended], "grants": grants},
        )  # fmt: skip
        if deliveries:
            transaction.on_commit(lambda: backchannel.enqueue(deliveries))
    return ended
