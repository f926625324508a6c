"""Ending sign-ins at clients: the sessions, what ends with them, and the rows that tell the clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauth_provider.models import AuthorizationCode, Grant, LogoutDelivery, Session
from oauth_provider.values import Reach

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended now, and not before."""

    sessions: Collection[Session] = ()
    grants: int = 0

    def __bool__(self) -> bool:
        return bool(self.sessions or self.grants)

    @property
    def clients(self) -> list[str]:
        """The `client_id` of each client where somebody was signed in."""
        return list(dict.fromkeys(session.client.client_id for session in self.sessions))


def exist(**whose: Any) -> bool:
    """Whether anything is there to end; one statement, which spares most sign-outs the others."""
    sessions = Session.objects.open().filter(**whose).values_list("sid")
    grants = Grant.objects.filter(**whose, revoked_at=None).values_list("sid")
    return bool(sessions.union(grants, all=True)[:1])


def end(reach: Reach, *, reason: str, **whose: Any) -> Ended:
    """End these sign-ins as far as `reach` says; for a transaction, and its first statement is a write.

    `whose` names columns that sessions and grants both have. In this order a code that is being redeemed at the same
    moment is either refused or has left its session for us to end (R13).
    """
    if reach is Reach.NOTHING:
        return Ended()
    AuthorizationCode.objects.hold_unspent(Grant.objects.filter(**whose, revoked_at=None))
    sessions = Session.objects.end(Session.objects.filter(**whose), reason=reason)
    LogoutDelivery.objects.put(sessions)
    return Ended(sessions, Grant.objects.revoke_with_sessions(reach, reason=reason, **whose))
