"""When a client and its secret were last used, and the secret from where: noted in the process, written at most
every LAST_USED_SECONDS.

The stamp never costs the request that makes it a statement; it is written after a response, outside transactions.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from django.core.signals import request_finished
from django.utils import timezone

from oauth_provider.conf import conf
from oauth_provider.models import Client, ClientSecret

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger("oauth_provider.usage")

_lock = threading.Lock()
_clients: dict[int, datetime] = {}
_secrets: dict[int, tuple[datetime, str]] = {}
_waiting_since: float | None = None


def connect() -> None:
    """Write stamps after responses; runs once, at start."""
    request_finished.connect(_flush_if_due, dispatch_uid="oauth_provider.usage")


def note(client: Client, secret_id: int | None, *, address: str = "") -> None:
    """Remember that the client, with this secret and from this address, was here just now."""
    global _waiting_since
    with _lock:
        now = timezone.now()
        _clients[client.pk] = now
        if secret_id is not None:
            _secrets[secret_id] = (now, address)
        if _waiting_since is None:
            _waiting_since = time.monotonic()


def flush() -> None:
    """Write the stamps noted so far."""
    global _waiting_since
    with _lock:
        clients, secrets = dict(_clients), dict(_secrets)
        _clients.clear()
        _secrets.clear()
        _waiting_since = None
    for pk, at in clients.items():
        Client.objects.filter(pk=pk).update(last_used_at=at)
    for pk, (at, address) in secrets.items():
        ClientSecret.objects.filter(pk=pk).update(last_used_at=at, last_used_address=address)


def _flush_if_due(sender: object, **_: Any) -> None:
    del sender
    seconds = conf.LAST_USED_SECONDS
    if not seconds or _waiting_since is None or time.monotonic() - _waiting_since < seconds:
        return
    try:
        flush()
    except Exception as error:  # noqa: BLE001  # a lost stamp is no reason to fail a request that has been answered
        # Nor a test of the site that allows no statement, after others that made stamps.
        logger.info("Stamps of last use are lost: %s", type(error).__name__)


def forget() -> None:
    """Drop the stamps noted so far."""
    global _waiting_since
    with _lock:
        _clients.clear()
        _secrets.clear()
        _waiting_since = None
