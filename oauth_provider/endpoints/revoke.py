"""POST /revoke (RFC 7009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.client_auth.authenticate import authenticate
from oauth_provider.endpoints.base import client_endpoint, json_response
from oauth_provider.errors import InvalidRequest
from oauth_provider.tokens.presented import revoke_presented

if TYPE_CHECKING:
    from django.http import HttpResponse

    from oauth_provider.values import TokenRequest


@client_endpoint
def revoke(request: TokenRequest) -> HttpResponse:
    """End a token of the client; 200 for a token that is unknown or not its own (RFC 7009 §2.2)."""
    client = authenticate(request)
    value = request.get("token")
    if value is None:
        raise InvalidRequest("token is missing.", rule="parameter_missing")
    revoke_presented(value, client=client, source=request.source)
    return json_response({})
