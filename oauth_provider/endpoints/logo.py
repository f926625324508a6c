"""GET /app-logo/<client_id>/<digest>: the picture of an app, from this host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from oauth_provider.clients import logo as room

if TYPE_CHECKING:
    from django.http import HttpRequest

# Seconds; another picture has another address.
MAX_AGE = 31_536_000


@require_safe
def logo(request: HttpRequest, client_id: str, digest: str) -> HttpResponse:
    """The picture as it was given; whatever is in it, no browser reads it as a page (C64)."""
    del request
    found = room.find(client_id, digest)
    if found is None:
        raise Http404
    response = HttpResponse(found.content, content_type=found.media_type)
    response["Cache-Control"] = f"public, max-age={MAX_AGE}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
