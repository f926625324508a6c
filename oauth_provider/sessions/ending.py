"""Ending a session: its sign-ins at clients, the tokens that go with it, and the outbox that tells the clients.

All in one transaction: what is written is told, and what is told was written (security R13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oauth_provider import signals
from oauth_provider.models import AuditEvent
from oauth_provider.models.retry import retried
from oauth_provider.sessions import backchannel, policy
from oauth_provider.tokens import revoke, sign_ins
from oauth_provider.values import Event, Reach, Source

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client, LogoutDelivery, Session
    from oauth_provider.tokens.sign_ins import Ended


def connect() -> None:
    """Have what is put into the outbox delivered, whichever room put it there; runs once, at start."""
    signals.logouts_due.connect(_deliver, dispatch_uid="oauth_provider.deliver")


def _deliver(sender: object, deliveries: Collection[LogoutDelivery], **_: Any) -> None:
    del sender
    backchannel.enqueue(deliveries)


def end(
    sid: str, *, reason: str, user: AbstractBaseUser | None = None, source: Source = Source()  # noqa: B008  # frozen
) -> list[Session]:  # fmt: skip
    """End the session with this `sid` and return where somebody was signed in by it; empty when it had ended before.

    Grants that were made for no longer than it end with it (OpenID Connect Back-Channel Logout §2.7), or what
    `SESSION_POLICY` says.
    """
    reach = policy.reach("signed_out")
    return list(_end_session(sid, reach, reason=reason, user=user, source=source)) if sign_ins.exist(sid=sid) else []


@retried
def _end_session(
    sid: str, reach: Reach, *, reason: str, user: AbstractBaseUser | None, source: Source
) -> Collection[Session]:
    with transaction.atomic():
        ended = sign_ins.end(reach, reason=reason, sid=sid)
        if ended:
            _record(ended, reason=reason, user=user, source=source)
    return ended.sessions


def end_of_user(user: AbstractBaseUser, *, reason: str, reach: Reach) -> None:
    """End every session of a person, with as many of their grants as `reach` says; one statement if there is none."""
    if reach is Reach.NOTHING or not sign_ins.exist(user_id=user.pk):
        return
    if reach is Reach.ALL_TOKENS:
        revoke.revoke_user(user, reason=reason)
    else:
        _end_sessions(user, reach, reason=reason)


@retried
def _end_sessions(user: AbstractBaseUser, reach: Reach, *, reason: str) -> None:
    with transaction.atomic():
        ended = sign_ins.end(reach, reason=reason, user_id=user.pk)
        if ended:
            _record(ended, reason=reason, user=user)


@retried
def end_at(client: Client, user: AbstractBaseUser, *, reason: str, reach: Reach) -> None:
    """End the sessions of a person at one client, with as many of their grants there as `reach` says."""
    with transaction.atomic():
        ended = sign_ins.end(reach, reason=reason, user_id=user.pk, client_id=client.pk)
        if ended:
            _record(ended, reason=reason, user=user, client=client)


def _record(
    ended: Ended, *, reason: str, user: AbstractBaseUser | None, client: Client | None = None,
    source: Source = Source(),  # noqa: B008  # frozen
) -> None:  # fmt: skip
    # What happened at one client is told in its history with the person, which knows grants.
    event = Event.GRANT_REVOKED if client is not None and ended.grants else Event.SESSION_ENDED
    AuditEvent.objects.record(
        event, user=user, client=client, source=source,
        detail={"reason": reason, "clients": ended.clients, "grants": ended.grants},
    )  # fmt: skip
