"""The world outside of the site: a proxy that leads every name to the one https server there is."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path

from tests.internet import Authority, Listener, http

HOST = "agent.example"
CLIENT_ID = f"https://{HOST}/client.json"
# RFC 8252 §7.3: the port is chosen when the agent starts.
DOCUMENT = {
    "client_id": CLIENT_ID,
    "client_name": "Agent with a document",
    "redirect_uris": ["http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}


class Outside:
    """A proxy for CONNECT (RFC 9110 §9.3.6) and the server behind it, which publishes the agent's document."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        self.authority = authority.file
        self.listener = Listener(authority.context_for(HOST), http(json.dumps(DOCUMENT).encode()))
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        self._socket.close()
        self.listener.stop()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._connect, args=(connection,), daemon=True).start()

    def _connect(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            asked = b""
            while b"\r\n\r\n" not in asked and (more := connection.recv(4096)):
                asked += more
            self.asked.append(asked.split(b" ")[1].decode())
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with socket.create_connection(("127.0.0.1", self.listener.port)) as server:
                back = threading.Thread(target=_pipe, args=(server, connection), daemon=True)
                back.start()
                _pipe(connection, server)
                back.join(20)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
