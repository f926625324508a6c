"""Counters within a minute or an hour, in the cache; in the process when the cache is down, dummy or absent."""

from __future__ import annotations

import ipaddress
import logging
import re
import threading
import time
from dataclasses import dataclass

from django.core.cache import cache

from oauth_provider import credentials
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event

logger = logging.getLogger("oauth_provider.limits")

WINDOW_SECONDS = 60
HOUR = 3600
_MOST_KEYS = 10_000
# What every cache takes as it is: memcached knows no spaces, no control characters and no long keys.
_PLAIN = re.compile(r"[!-~]{1,128}", re.ASCII)

_lock = threading.Lock()
_local: dict[str, int] = {}
_reported_at = float("-inf")


def failures(key: str) -> int:
    """How many failures this key has had in the present window."""
    name = _name(key, WINDOW_SECONDS)
    try:
        shared = int(cache.get(name) or 0)
    except Exception as error:  # noqa: BLE001  # each cache backend has its own errors; the limit must go on
        _report(error)
        shared = 0
    return max(shared, _local.get(name, 0))


def count_failure(key: str) -> int:
    """Count one failure and return how many there are in the present window, this one included."""
    return count(key)


def count(key: str, *, window: int = WINDOW_SECONDS) -> int:
    """Count one and return how many there are in the present window of so many seconds, this one included."""
    return take(key, window=window).count


@dataclass(frozen=True, slots=True)
class Taken:
    """How many there are in the present window, and the seconds until it ends."""

    count: int
    seconds_left: int


def take(key: str, *, window: int) -> Taken:
    """Count one, as `count` does; of two requests at once none is lost where the cache adds atomically."""
    now = int(time.time())
    name = _name(key, window, now)
    with _lock:
        if len(_local) >= _MOST_KEYS:
            _local.clear()
        _local[name] = _local.get(name, 0) + 1
        local = _local[name]
    return Taken(max(_count_shared(name, window=window), local), window - now % window)


def _count_shared(name: str, *, window: int) -> int:
    """The count in the cache, this one included; 0 where it keeps none."""
    try:
        cache.add(name, 0, timeout=2 * window)
        return int(cache.incr(name))
    except ValueError:  # a dummy cache keeps nothing, so there is nothing to increment
        return 0
    except Exception as error:  # noqa: BLE001  # each cache backend has its own errors; the limit must go on
        _report(error)
        return 0


def seconds_left(*, window: int = WINDOW_SECONDS) -> int:
    """Seconds until the present window ends, for `Retry-After`."""
    return window - int(time.time()) % window


def of_address(purpose: str, address: str) -> str:
    """The key under which requests of this address are counted; all of an IPv6 /64 are one sender's."""
    return credentials.digest(f"{purpose}\x00{_sender(address)}")


def _sender(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def _name(key: str, window: int, now: int | None = None) -> str:
    moment = int(time.time()) if now is None else now
    kept = key if _PLAIN.fullmatch(key) else credentials.digest(key)
    return f"oauth_provider:count:{window}:{moment // window}:{kept}"


def _report(error: Exception) -> None:
    """Tell the operator once a minute that limits are counted per process only."""
    global _reported_at
    if time.monotonic() - _reported_at < WINDOW_SECONDS:
        return
    _reported_at = time.monotonic()
    logger.error("The cache that counts failures cannot be reached (%s); counting per process.", type(error).__name__)
    AuditEvent.objects.record(Event.LIMIT_STORE_DOWN, detail={"error": type(error).__name__})


def forget() -> None:
    """Start counting afresh in this process."""
    with _lock:
        _local.clear()
