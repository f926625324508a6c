"""GET /jwks (RFC 7517 §5)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from oauth_provider.endpoints.base import RETRY_SECONDS, error_response, source_of
from oauth_provider.errors import KeyUnavailable, TemporarilyUnavailable
from oauth_provider.keys import jwks as room

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger("oauth_provider.keys")


@require_safe
def jwks(request: HttpRequest) -> HttpResponseBase:
    """The public keys of everything signed here; 304 to whoever has them already (RFC 9110 §13.1.2)."""
    try:
        document = room.document()
    except KeyUnavailable as error:
        logger.critical("The key set cannot be written: %s", error)
        refusal = TemporarilyUnavailable("The keys cannot be read at present.", retry_after=RETRY_SECONDS)
        return error_response(refusal, source=source_of(request))
    response = HttpResponse(document.body, content_type="application/jwk-set+json")
    response["Cache-Control"] = f"public, max-age={room.max_age()}"
    response["ETag"] = document.etag
    if "If-None-Match" in request.headers:
        return get_conditional_response(request, etag=document.etag, response=response) or response
    return response
