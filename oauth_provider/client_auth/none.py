"""`none`: a public client only says who it is (RFC 6749 §3.2.1)."""

from __future__ import annotations

from oauth_provider.client_auth.presented import Method, Presented
from oauth_provider.errors import InvalidClient
from oauth_provider.values import AuthMethod, TokenRequest


def _is_used_by(request: TokenRequest) -> bool:
    return request.authorization is None and "client_secret" not in request.params


def _read(request: TokenRequest) -> Presented:
    client_id = request.get("client_id")
    if client_id is None:
        raise InvalidClient("Client authentication is missing.", rule="authentication_missing")
    return Presented(client_id, AuthMethod.NONE)


METHOD = Method(AuthMethod.NONE, _is_used_by, _read)
