"""`client_secret_post`: id and secret in the request body (RFC 6749 §2.3.1)."""

from __future__ import annotations

from oauth_provider.client_auth.presented import Method, Presented
from oauth_provider.errors import InvalidClient
from oauth_provider.values import AuthMethod, TokenRequest


def _is_used_by(request: TokenRequest) -> bool:
    return "client_secret" in request.params


def _read(request: TokenRequest) -> Presented:
    client_id, secret = request.get("client_id"), request.get("client_secret")
    if client_id is None or secret is None:
        raise InvalidClient("client_id and client_secret must both have a value.", rule="secret_incomplete")
    return Presented(client_id, AuthMethod.CLIENT_SECRET_POST, secret)


METHOD = Method(AuthMethod.CLIENT_SECRET_POST, _is_used_by, _read)
