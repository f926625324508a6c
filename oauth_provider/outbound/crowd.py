"""How many may be at one host at once, and which hosts were in trouble a moment ago: both in this process only."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oauth_provider.outbound.refused import Busy, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.outbound.deadline import Deadline

AT_ONCE = 2
TROUBLE_SECONDS = 30
_MOST = 256

_changed = threading.Condition()
_under_way: dict[str, int] = {}
_trouble: OrderedDict[str, tuple[float, str]] = OrderedDict()


@contextmanager
def one_of_few(host: str, *, deadline: Deadline, at_once: int = AT_ONCE) -> Iterator[None]:
    """Wait until few enough are at this host; other hosts do not notice. Raises Refused at the deadline."""
    with _changed:
        if not _changed.wait_for(lambda: _under_way.get(host, 0) < at_once, timeout=deadline.left()):
            raise Busy("too many are waiting for its host")
        _under_way[host] = _under_way.get(host, 0) + 1
    try:
        yield
    finally:
        with _changed:
            _under_way[host] -= 1
            if not _under_way[host]:
                del _under_way[host]
            _changed.notify_all()


def check(place: str, *, seconds: float | None = None) -> None:
    """Raise Refused when this place was in trouble within so many seconds, half a minute if nothing is said."""
    within = TROUBLE_SECONDS if seconds is None else seconds
    with _changed:
        found = _trouble.get(place)
    if found is not None and time.monotonic() - found[0] < within:
        raise Refused(f"{found[1]} (tried less than {within:g} seconds ago)")


def note_trouble(place: str, reason: str) -> None:
    """Remember that nothing came from this place. Answers are never remembered, errors among them."""
    with _changed:
        _trouble[place] = (time.monotonic(), reason)
        _trouble.move_to_end(place)
        while len(_trouble) > _MOST:
            _trouble.popitem(last=False)


def forget() -> None:
    """Try every host afresh."""
    with _changed:
        _trouble.clear()
