"""A refusal as an audit row: which rule, what was compared. What strangers cause is bounded in rows, not in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider import credentials, limits
from oauth_provider.conf import conf
from oauth_provider.errors import Unreadable
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from oauth_provider.errors import ProtocolError
    from oauth_provider.models import Client

# Characters of one value: a redirect URI with some room, and nothing to fill a table with.
MOST_CHARACTERS = 600


def record(
    event: Event,
    error: ProtocolError,
    *,
    source: Source,
    client: Client | None = None,
    client_id: str = "",
    user: AbstractBaseUser | AnonymousUser | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one row that `insight.explain` can read; `client_id` is for a client that is only claimed."""
    AuditEvent.objects.record(
        event,
        client=client,
        client_id=_readable(credentials.mask(client_id)),
        user=user,
        source=source,
        detail={**(detail or {}), **_told(error)},
    )


def record_bounded(
    event: Event,
    error: ProtocolError,
    *,
    source: Source,
    client: Client | None = None,
    client_id: str = "",
    user: AbstractBaseUser | AnonymousUser | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """The same for what anybody can cause: a row for as many as SECRET_FAILURES_PER_MINUTE of one address.

    What could not be read at all stays without one: refusing it must cost nothing (C30, C37).
    """
    if isinstance(error, Unreadable):
        return
    if limits.count_failure(credentials.digest(f"refused\x00{source.address}")) <= conf.SECRET_FAILURES_PER_MINUTE:
        record(event, error, source=source, client=client, client_id=client_id, user=user, detail=detail)


def cause_of(error: ProtocolError) -> str:
    """The cause as a log line and a row may hold it."""
    return _short(error.detail)


def _told(error: ProtocolError) -> dict[str, object]:
    told: dict[str, object] = {"error": error.error, "cause": cause_of(error), "rule": error.rule}
    if error.compared:
        told["compared"] = {name: _short(value) for name, value in error.compared.items()}
    return told


def _short(value: str) -> str:
    """Whoever pastes a token into the wrong field must not find it in the audit (C65)."""
    # Masked before it is cut: half a token would not be recognised.
    shown = _readable(credentials.mask(value[: 2 * MOST_CHARACTERS]))
    return shown if len(shown) <= MOST_CHARACTERS else f"{shown[:MOST_CHARACTERS]}…"


def _readable(value: str) -> str:
    """Headers may hold what no column takes and no log should: controls, NUL, halves of surrogate pairs."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in value)
