"""Refused registrations: a line in the log for each, an event for the first few."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from oauth_provider import limits
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event

if TYPE_CHECKING:
    from oauth_provider.errors import ProtocolError
    from oauth_provider.values import Source

logger = logging.getLogger("oauth_provider.registration")

# Per minute. A flood fills the log, which is rotated, but not the table of events.
EVENTS_PER_ADDRESS = 5
EVENTS_IN_ALL = 60


def record(error: ProtocolError, *, source: Source, client_id: str = "") -> None:
    """Tell the operator why a registration was refused."""
    logger.warning(
        "registration refused: %s: client_id=%r address=%s request_id=%s: %r",
        error.error, client_id[:100], source.address, source.request_id, error.detail[:500],
    )  # fmt: skip
    if limits.count(limits.of_address("registration refused", source.address)) > EVENTS_PER_ADDRESS:
        return
    if limits.count("registration refused") > EVENTS_IN_ALL:
        return
    detail = {"error": error.error, "cause": error.detail[:500]}
    AuditEvent.objects.record(Event.REGISTRATION_REFUSED, client_id=client_id, source=source, detail=detail)
