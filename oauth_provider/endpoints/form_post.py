"""The page of `response_mode=form_post`: a form that goes to the client by itself, or by its button.

OAuth 2.0 Form Post Response Mode §2. The one page with a script, for which its policy names this very script by a
nonce; whoever runs no scripts presses the button. Its form may go to the client's origin and nowhere else.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from oauth_provider.clients import redirect_uris
from oauth_provider.endpoints.pages import describe_app, page, protect

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.authorization.response import Response
    from oauth_provider.models import Client


def form_post(request: HttpRequest, response: Response, *, client: Client) -> HttpResponse:
    """The page that posts a response to the client."""
    nonce = secrets.token_urlsafe(18)
    context = {
        "app": describe_app(client),
        "location": response.location,
        "fields": response.fields.items(),
        "redirect_host": redirect_uris.host_of(response.location),
        "nonce": nonce,
    }
    answer = page(request, "form_post.html", context)
    origin = redirect_uris.origin_of(response.location) or "'none'"
    protect(answer, sources={"script-src": (f"'nonce-{nonce}'",), "form-action": (origin,)})
    # `same-origin` would make browsers send `Origin: null` with the form, which some clients refuse.
    answer["Referrer-Policy"] = "strict-origin"
    return answer
