"""POST /introspect (RFC 7662)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.client_auth.authenticate import authenticate
from oauth_provider.endpoints.base import client_endpoint, json_response
from oauth_provider.errors import InvalidClient, InvalidRequest
from oauth_provider.tokens import introspect as room

if TYPE_CHECKING:
    from django.http import HttpResponse

    from oauth_provider.values import TokenRequest


@client_endpoint
def introspect(request: TokenRequest) -> HttpResponse:
    """Tell an authenticated resource server of a token's audience what the token stands for (IS3)."""
    caller = authenticate(request)
    if caller.is_public:
        # RFC 7662 §2.1: the endpoint requires authorization; saying a public identifier is none.
        raise InvalidClient("A client without a secret may not introspect.", rule="introspection_needs_secret")
    value = request.get("token")
    if value is None:
        raise InvalidRequest("token is missing.", rule="parameter_missing")
    return json_response(room.introspect(value, caller=caller, source=request.source))
