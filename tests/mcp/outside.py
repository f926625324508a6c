"""The world outside of the site: a proxy that leads every name to the one https server there is."""

from __future__ import annotations

import json
from pathlib import Path

from tests.connect_proxy import ConnectProxy
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
    """A proxy and the server behind it, which publishes the agent's document."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        self.authority = authority.file
        self.listener = Listener(authority.context_for(HOST), http(json.dumps(DOCUMENT).encode()))
        self._proxy = ConnectProxy(self.listener.port)

    @property
    def asked(self) -> list[str]:
        return self._proxy.asked

    @property
    def proxy(self) -> str:
        return self._proxy.url

    def stop(self) -> None:
        self._proxy.stop()
        self.listener.stop()
