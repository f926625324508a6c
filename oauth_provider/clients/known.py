"""Clients a process has just met: kept for at most PROCESS_CACHE_SECONDS, so that a busy client costs no SELECT.

What is kept was right when it was read; a suspension or a revoked secret is felt within that time (at most 1 s).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from oauth_provider.conf import conf
from oauth_provider.models import Client

# A process that meets more clients than this within a second forgets them all and goes on.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class _Met:
    at: float
    client: Client


_met: dict[tuple[str, str], _Met] = {}


def find(client_id: str, secret_digest: str) -> Client | None:
    """The client, with what is known of the secret of this digest; an empty digest asks for none."""
    seconds = conf.PROCESS_CACHE_SECONDS
    key = (client_id, secret_digest)
    met = _met.get(key)
    if met is not None and time.monotonic() - met.at < seconds:
        return met.client
    client = Client.objects.with_secret(client_id, secret_digest) if secret_digest else Client.objects.named(client_id)
    # Only who proved something is kept: guesses must not push out the others.
    if client is not None and seconds and (not secret_digest or client.secret_id is not None):
        if len(_met) >= _MOST:
            _met.clear()
        _met[key] = _Met(time.monotonic(), client)
    return client


def forget() -> None:
    """Read clients again at their next request."""
    _met.clear()
