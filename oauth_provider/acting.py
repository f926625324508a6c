"""By whom something is done while an app's request runs: its Access, for audit events and the admin's history.

In a context variable, so that whatever a view calls finds it, in threads as in async views, and other requests do not.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.signals import request_finished, request_started

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oauth_provider.resource_server.access import Access

# RFC 8693 §4.1: an actor may have acted for another one, and so on; nobody's chain is longer than this.
MOST_ACTORS = 10
_MOST_CHARACTERS = 255

_current: ContextVar[Access | None] = ContextVar("oauth_provider_access", default=None)


def begin(access: Access) -> None:
    """From here to the end of the request this app acts; for who has verified its token and let it in."""
    _current.set(access)


def end(**_: Any) -> None:
    """Nobody acts any more."""
    _current.set(None)


def current() -> Access | None:
    """The access of the app whose request runs; None while a person, a command or nobody is at work."""
    return _current.get()


def connect() -> None:
    """Forget at both ends of a request: a worker's thread serves the next one in the same context."""
    request_started.connect(end, dispatch_uid="oauth_provider.acting.started")
    request_finished.connect(end, dispatch_uid="oauth_provider.acting.finished")


def is_agent(access: Access) -> bool:
    """Whether an AI agent acts: the token says so, or it is a machine of ours that is one."""
    if access.actor is not None:
        return True
    try:
        return bool(getattr(access.client, "is_agent", False))
    except PermissionDenied:  # under JWT_STATE_CHECK "never" the client is read late, and may be gone
        return False


def act() -> dict[str, Any] | None:
    """The `act` of the request that runs, for its events; None where nobody acts for another."""
    access = current()
    if access is None or not is_agent(access):
        return None
    return told(access.actor if access.actor is not None else {"sub": access.client_id})


def told(actor: Mapping[str, Any]) -> dict[str, Any] | None:
    """An `act` claim as a row may hold it: who, of which issuer, and for whom they acted in turn."""
    chain = [
        {name: _readable(one[name]) for name in ("sub", "client_id", "iss") if isinstance(one.get(name), str)}
        for one in chain_of(actor)
    ]
    found: dict[str, Any] | None = None
    for one in reversed(chain):
        found = {**one, **({} if found is None else {"act": found})}
    return found


def chain_of(actor: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The actors of a claim, who acts now first, those before it after it (RFC 8693 §4.1)."""
    for _number in range(MOST_ACTORS):
        if not isinstance(actor, dict):
            return
        yield actor
        actor = actor.get("act")


def _readable(value: str) -> str:
    """Another issuer's words may hold what no column takes."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in value[:_MOST_CHARACTERS])
