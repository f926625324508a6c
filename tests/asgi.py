"""An ASGI application called as a server does, on the thread of the test, so that it sees the test's database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync

DENIAL = {"websocket.http.response": {}}


@dataclass
class Answered:
    """What the application sent; of a websocket that was denied, with its close code or its response."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def challenge(self) -> str:
        return self.headers["www-authenticate"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


def request(
    application: Any, token: str | None = None, *, path: str = "/mcp", query: bytes = b"", **more: Any
) -> Answered:
    """POST to the application; `more` changes the scope."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": _headers(token),
        "client": ("127.0.0.1", 1),
        "server": ("provider.example", 443),
        **more,
    }
    return _run(application, scope, {"type": "http.request", "body": b"{}", "more_body": False})


def websocket(application: Any, token: str | None = None, **more: Any) -> Answered:
    """Open a websocket."""
    scope = {
        "type": "websocket",
        "http_version": "1.1",
        "scheme": "wss",
        "path": "/socket",
        "raw_path": b"/socket",
        "query_string": b"",
        "headers": _headers(token),
        "subprotocols": [],
        **more,
    }
    return _run(application, scope, {"type": "websocket.connect"})


def _headers(token: str | None) -> list[tuple[bytes, bytes]]:
    sent = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    return [(b"host", b"provider.example"), *sent]


def _run(application: Any, scope: dict[str, Any], event: dict[str, Any]) -> Answered:
    answered = Answered()

    async def receive() -> dict[str, Any]:
        answered.received += 1
        return event

    async def send(message: dict[str, Any]) -> None:
        answered.messages.append(message)

    async_to_sync(application)(scope, receive, send)
    return answered
