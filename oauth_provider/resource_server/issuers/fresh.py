"""Kept: a document of an issuer, in this process, for as long as it is fresh, and longer while the issuer is down.

Not in the site's cache: whoever can write there (another application on the same Redis, say) could put a key of
their own into it and sign tokens with it. Each process asks the issuer itself; over TLS, by name.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from oauth_provider.errors import IssuerUnavailable
from oauth_provider.outbound import Refused

logger = logging.getLogger("oauth_provider.resource_server")

T = TypeVar("T")

FRESH_SECONDS = 600
LEAST_SECONDS = 60
MOST_SECONDS = 86_400
# How old a document may be that is used because there is no newer one.
STALE_SECONDS = 86_400
# Between two fetches that somebody's token causes (RS9), and after one that failed.
FLOOR_SECONDS = 60
# The same while there is nothing to go on with.
EMPTY_FLOOR_SECONDS = 10
# A little more than a fetch may take.
_WAIT_SECONDS = 8

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.ASCII | re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.ASCII | re.IGNORECASE)


def seconds_fresh(headers: Mapping[str, str]) -> int:
    """How long the document may be used unasked: what Cache-Control says, between a minute and a day."""
    cache_control = headers.get("cache-control", "")
    if _NOT_KEPT.search(cache_control):
        return LEAST_SECONDS
    said = _MAX_AGE.search(cache_control)
    return min(MOST_SECONDS, max(LEAST_SECONDS, int(said[1]))) if said else FRESH_SECONDS


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    value: T
    at: float
    until: float


class Kept(Generic[T]):
    """One document. `load` returns it and for how many seconds it is fresh, or raises Refused."""

    def __init__(self, name: str, load: Callable[[], tuple[T, int]]) -> None:
        self._name = name
        self._load = load
        self._lock = threading.Lock()
        self._held: _Held[T] | None = None
        self._tried_at = float("-inf")

    def get(self) -> T:
        """The document, fetched when it is not fresh; raises IssuerUnavailable when there is none to be had.

        One thread fetches. The others go on with the old one, or wait when there is none.
        """
        held, now = self._held, time.monotonic()
        if held is not None and (now < held.until or now - self._tried_at < FLOOR_SECONDS):
            return self._usable(held, now)
        with _locked(self._lock, wait=held is None) as is_mine:
            # Whoever had the lock before may have fetched it.
            if is_mine and self._is_due():
                self._fetch()
        return self._usable(self._held, time.monotonic())

    def at_hand(self) -> T | None:
        """The document if it is fresh, without waiting for anything."""
        held = self._held
        return held.value if held is not None and time.monotonic() < held.until else None

    def again(self, *, than: T) -> T:
        """A document newer than this one, unless the floor forbids to ask: then this one."""
        if self._held is not None and self._held.value is not than:
            return self._held.value
        if time.monotonic() - self._tried_at >= FLOOR_SECONDS:
            with _locked(self._lock, wait=True) as is_mine:
                if is_mine and time.monotonic() - self._tried_at >= FLOOR_SECONDS:
                    self._fetch()
        held = self._held
        return than if held is None else held.value

    def _is_due(self) -> bool:
        now, held = time.monotonic(), self._held
        if held is None:
            return now - self._tried_at >= EMPTY_FLOOR_SECONDS
        return now >= held.until and now - self._tried_at >= FLOOR_SECONDS

    def _fetch(self) -> None:
        try:
            value, fresh = self._load()
        except (Refused, IssuerUnavailable) as error:
            what = "the old one is used" if self._held is not None else "there is none"
            logger.warning("%s: not fetched, %s: %s", self._name, what, getattr(error, "detail", error))
        else:
            now = time.monotonic()
            self._held = _Held(value, now, now + fresh)
        finally:
            # Last: another thread that sees it sees the new document, too.
            self._tried_at = time.monotonic()

    def _usable(self, held: _Held[T] | None, now: float) -> T:
        if held is None or now - held.until > STALE_SECONDS:
            raise IssuerUnavailable(f"{self._name} cannot be fetched")
        return held.value


@contextmanager
def _locked(lock: threading.Lock, *, wait: bool) -> Iterator[bool]:
    """The lock, and whether it was got. Without `wait` nobody stands in line."""
    got = lock.acquire(timeout=_WAIT_SECONDS) if wait else lock.acquire(blocking=False)
    try:
        yield got
    finally:
        if got:
            lock.release()
