"""POST /token (RFC 6749 §3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.endpoints.base import client_endpoint, error_response, json_response
from oauth_provider.server.server import server

if TYPE_CHECKING:
    from django.http import HttpResponse

    from oauth_provider.values import TokenRequest


@client_endpoint
def token(request: TokenRequest) -> HttpResponse:
    """Exchange a grant for tokens."""
    answer = server.token(request)
    if answer.error is not None:
        return error_response(answer.error, source=request.source)
    return json_response(answer.body)
