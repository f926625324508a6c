"""A document its author serves and changes, and what the tests ask about its client."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from oauth_provider.models import AuditEvent, Client
from tests.flow import Registered
from tests.internet import Listener, http

URL = "https://app.example/client.json"


@dataclass
class Published:
    """A document on the internet, which its author may change at any time."""

    client_id: str
    changes: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: str = "200 OK"
    raw: bytes | None = None
    listener: Listener | None = None

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        host = urlsplit(self.client_id).hostname
        whole = {
            "client_id": self.client_id,
            "client_name": "Notes Agent",
            "redirect_uris": [f"https://{host}/cb", "http://127.0.0.1/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "client_uri": f"https://{host}/",
            "policy_uri": f"https://{host}/privacy",
            **self.changes,
        }
        return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()

    def answer(self, connection, asked) -> None:
        connection.sendall(http(self.body, status=self.status, **self.headers))

    @property
    def row(self) -> Client:
        return Client.objects.select_related("application").get(application__client_id=self.client_id)

    @property
    def registered(self) -> Registered:
        return Registered(self.row, None)

    @property
    def fetches(self) -> int:
        return len(self.listener.requests)


class Ask:
    """What `Flow` wants to know of a client that has no row yet."""

    def __init__(self, client_id: str = URL, redirect_uri: str = "https://app.example/cb") -> None:
        self.client_id, self.secret = client_id, None
        self.row = type("Row", (), {"redirect_uris": (redirect_uri,)})


def make_stale(row: Client, *, since: timedelta = timedelta(minutes=1)) -> None:
    Client.objects.filter(pk=row.pk).update(document_fresh_until=timezone.now() - since)


def refused(response) -> str:
    """The page that says no; the browser goes nowhere."""
    assert response.status_code == 400, response
    return response.content.decode()


def events(*names: str) -> list[str]:
    found = AuditEvent.objects.filter(client_id__startswith="https://").order_by("pk").values_list("event", flat=True)
    return [event for event in found if not names or event in names]
