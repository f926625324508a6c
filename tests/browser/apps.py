"""Where apps listen: each answers its callback with a page, or sends the browser on to another host."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class App:
    """A listening app: its address as browsers write it, and the requests that arrived with their Referer."""

    url: str
    arrived: list[tuple[str, str | None]] = field(default_factory=list)
    # Forms that were posted: where to, what they said, and the Origin they came with.
    posted: list[tuple[str, str, str | None]] = field(default_factory=list)
    page: str = "<!doctype html><title>The app</title><h1>Welcome back</h1>"


class _IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def listening(host: str, *, written: str = "", sends_to: str = "") -> Iterator[App]:
    """An app on a free port of `host` (shown as `written`); with `sends_to` its callback goes on there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/favicon.ico":
                self.send_error(404)
                return
            app.arrived.append((self.path, self.headers.get("Referer")))
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            app.posted.append((self.path, body, self.headers.get("Origin")))
            self._answer()

        def _answer(self) -> None:
            self.send_response(302 if sends_to else 200)
            if sends_to:
                self.send_header("Location", sends_to)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(app.page.encode())

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = (_IPv6Server if ":" in host else ThreadingHTTPServer)((host, 0), Handler)
    server.daemon_threads = True
    app = App(f"http://{written or host}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def has_ipv6_loopback() -> bool:
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        return False
    return True
