"""Connections that end at a deadline, whatever the other side does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket

    from oauth_provider.outbound.deadline import Deadline


class Watched(HTTPConnection):
    """A connection that ends at the deadline."""

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._deadline.watch(connection)
        return connection


class WatchedTLS(Watched, HTTPSConnection):
    """The same with TLS."""
