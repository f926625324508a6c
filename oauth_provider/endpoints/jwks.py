"""GET /jwks (RFC 7517 §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from oauth_provider.keys import jwks as room

if TYPE_CHECKING:
    from django.http import HttpRequest

# Seconds; a new key is published far longer than this before it signs.
MAX_AGE = 3600


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys of everything signed here."""
    del request
    response = HttpResponse(room.document(), content_type="application/jwk-set+json")
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response
