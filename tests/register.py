"""Registering as a client does: JSON in, JSON out; nothing here knows how the provider works inside."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client as Browser

from oauth_provider.models import Client
from tests.flow import Registered

WEB = {
    "client_name": "Notes for Web",
    "redirect_uris": ["https://c.example/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "client_secret_post",
    "scope": "openid read",
}
NATIVE = {
    "client_name": "Notes for Desktop",
    "redirect_uris": ["http://127.0.0.1/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
}
DEVICE = {
    "client_name": "Notes for TV",
    "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
}
MACHINE = {"client_name": "Nightly report", "grant_types": ["client_credentials"], "scope": "read"}
# What only the server says of a registration (RFC 7592 §2.2).
SERVERS_OWN = {
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
}


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a token."""
    return {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def post(document: Any, token: str | None = None, **headers: Any):
    """POST /register; bytes and text go as they are."""
    body = document if isinstance(document, str | bytes) else json.dumps(document)
    return Browser().post("/register", body, **{"content_type": "application/json", **bearer(token), **headers})


def registered(document: Any = WEB, token: str | None = None, **headers: Any) -> dict[str, Any]:
    """The answer to a registration that must succeed."""
    response = post(document, token, **headers)
    assert response.status_code == 201, response.content
    return response.json()


def path_of(answer: dict[str, Any]) -> str:
    """The path of the client configuration endpoint, from the address the answer names."""
    return answer["registration_client_uri"].removeprefix("https://provider.example")


def get(answer: dict[str, Any], token: str | None = None):
    """GET the registration, with its own token unless told another."""
    return Browser().get(path_of(answer), **bearer(token or answer["registration_access_token"]))


def put(answer: dict[str, Any], document: Any = None, token: str | None = None, **changes: Any):
    """PUT the registration as it was answered, changed as named; None takes a member out."""
    if document is None:
        kept = {name: value for name, value in answer.items() if name not in SERVERS_OWN}
        document = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    body = document if isinstance(document, str | bytes) else json.dumps(document)
    return Browser().put(
        path_of(answer), body, content_type="application/json", **bearer(token or answer["registration_access_token"])
    )


def delete(answer: dict[str, Any], token: str | None = None):
    """DELETE the registration."""
    return Browser().delete(path_of(answer), **bearer(token or answer["registration_access_token"]))


def client_of(answer: dict[str, Any]) -> Registered:
    """The client that was registered, to walk the flow with."""
    row = Client.objects.get(application__client_id=answer["client_id"])
    return Registered(row, answer.get("client_secret"))
