"""Why the API refused a token of ours, kept an hour in the cache under the request id; no row, and never the token.

Only what may be kept is kept: so many a minute in each process, so that an app that keeps trying with an old token
fills no cache.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, TypedDict

from django.core.cache import cache
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

logger = logging.getLogger("oauth_provider.resource_server")

SECONDS = 3600
MOST_PER_CLIENT = 10
MOST = 60
_MOST_CHARACTERS = 600
_WINDOW_SECONDS = 60

_lock = threading.Lock()
_counted: dict[str, int] = {}
_window = -1


class Kept(TypedDict):
    """One refusal; `about` names client, subject and grant as far as they are known."""

    at: datetime
    rule: str
    cause: str
    compared: dict[str, str]
    about: dict[str, str]


def keep(request_id: str, *, rule: str, cause: str, compared: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Keep an explanation, unless this client or this process has had its share of the minute."""
    if not _has_room(about.get("client_id", "")):
        return
    kept = Kept(
        at=timezone.now(),
        rule=rule,
        cause=cause[:_MOST_CHARACTERS],
        compared={name: value[:_MOST_CHARACTERS] for name, value in compared.items()},
        about=dict(about),
    )
    try:
        cache.set(_name(request_id), kept, timeout=SECONDS)
    except Exception as error:  # noqa: BLE001  # each cache backend has its own errors; the answer must go out
        logger.warning("The explanation of request_id=%s cannot be kept: %s", request_id, type(error).__name__)


def find(request_id: str) -> Kept | None:
    """The explanation kept under this request id, or None."""
    try:
        kept: Kept | None = cache.get(_name(request_id))
    except Exception as error:  # noqa: BLE001  # as above
        logger.warning("Kept explanations cannot be read: %s", type(error).__name__)
        return None
    return kept


def forget() -> None:
    """Start counting afresh in this process."""
    with _lock:
        _counted.clear()


def _has_room(client_id: str) -> bool:
    global _window
    window = int(time.monotonic()) // _WINDOW_SECONDS
    with _lock:
        if window != _window:
            _window = window
            _counted.clear()
        all_together, own = sum(_counted.values()), _counted.get(client_id, 0)
        if all_together >= MOST or own >= MOST_PER_CLIENT:
            return False
        _counted[client_id] = own + 1
        return True


def _name(request_id: str) -> str:
    return f"oauth_provider:refusal:{request_id}"
