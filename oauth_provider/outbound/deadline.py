"""One deadline over everything: waiting, looking up, connecting, TLS, headers and body.

Timeouts of sockets count from each byte on: who sends one byte a second is never late. Here a timer shuts the
connection down, whatever is being waited for.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from oauth_provider.outbound.refused import Busy, Refused

if TYPE_CHECKING:
    from types import TracebackType


class Deadline:
    """So many seconds from now on; as a context it stops watching at the end."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._timers: list[tuple[threading.Timer, socket.socket]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for timer, handle in self._timers:
            timer.cancel()
            timer.join()
            # Whoever still holds the connection, an exception for instance, holds no open one.
            _shut_down(handle)
            handle.close()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds left; raises Refused when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Refused(self.reason)
        return left

    @property
    def reason(self) -> str:
        """What is said when the time is up."""
        return f"it took longer than {self.seconds:g} seconds"

    def watch(self, connection: socket.socket) -> None:
        """Shut the connection down when the time is up; raises Refused when it cannot be watched."""
        # A handle of our own: TLS takes the socket over, and its number must not be another's by then.
        handle = connection.dup()
        timer = threading.Timer(max(0.0, self._end - time.monotonic()), _shut_down, args=(handle,))
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError as error:  # the machine has no thread left
            handle.close()
            raise Busy("nobody would have ended it: no thread is free") from error
        self._timers.append((timer, handle))


def _shut_down(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended by itself
        handle.shutdown(socket.SHUT_RDWR)
