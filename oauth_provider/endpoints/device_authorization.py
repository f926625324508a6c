"""POST /device_authorization (RFC 8628 §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider.client_auth.authenticate import authenticate
from oauth_provider.endpoint_urls import url_of
from oauth_provider.endpoints.base import client_endpoint, json_response
from oauth_provider.server import device_pipeline

if TYPE_CHECKING:
    from django.http import HttpResponse

    from oauth_provider.values import TokenRequest


@client_endpoint
def device_authorization(request: TokenRequest) -> HttpResponse:
    """Give a device the code it shows and the code it polls with."""
    started = device_pipeline.start(request, authenticate(request))
    page = url_of("device")
    return json_response(
        {
            "device_code": started.device_code,
            "user_code": started.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urlencode({'user_code': started.user_code})}",
            "expires_in": started.expires_in,
            "interval": started.interval,
        }
    )
