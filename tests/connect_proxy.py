"""A proxy that leads every name to one server of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading


class ConnectProxy:
    """CONNECT (RFC 9110 §9.3.6) to whatever name ends at this port; `asked` are the names with their ports."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        self._socket.close()

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
            with socket.create_connection(("127.0.0.1", self._port)) as server:
                back = threading.Thread(target=_pipe, args=(server, connection), daemon=True)
                back.start()
                _pipe(connection, server)
                back.join(20)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
