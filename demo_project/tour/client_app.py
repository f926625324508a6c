"""The client's own web server: a real address for the redirect to arrive at, on a free local port."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Callback(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        if isinstance(server, _Server):
            server.arrived.append(self.path)
        body = b"<!doctype html><title>Back in the app</title><p>You can close this page.</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing: the tour prints what arrives."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Callback)
        self.arrived: list[str] = []


class ClientApp:
    """Listens while it is entered; remembers each address that was called."""

    def __init__(self) -> None:
        self._server = _Server()

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def redirect_uri(self) -> str:
        """The redirect URI the client registers."""
        return f"{self.origin}/callback"

    def take_arrived(self) -> list[str]:
        """The addresses called since the last look."""
        arrived, self._server.arrived = self._server.arrived, []
        return [f"{self.origin}{path}" for path in arrived]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
