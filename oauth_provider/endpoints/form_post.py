"""The page of `response_mode=form_post`: a form that goes to the client by itself, or by its button.

OAuth 2.0 Form Post Response Mode §2. The one page with a script, for which its policy names this very script by a
nonce; whoever runs no scripts presses the button.

Where the form may go: to the client's origin, and on to any https one. Chromium holds every hop after a form against
`form-action`, so that an app which sends on from its callback to another host of its own would be stopped there, with
the code in its hands and the person before a page that does nothing.
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


def targets(redirect_uri: str) -> tuple[str, ...]:
    """Where a form that carries an answer may go; one for an app on the person's own machine, on to another there."""
    origin = redirect_uris.origin_of(redirect_uri)
    if origin is None:
        return ("'none'",)
    return (origin, "https:") if redirect_uris.is_https(redirect_uri) else (origin, "https:", "http:")


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
    protect(answer, sources={"script-src": (f"'nonce-{nonce}'",), "form-action": targets(response.location)})
    # `same-origin` would make browsers send `Origin: null` with the form, which some clients refuse.
    answer["Referrer-Policy"] = "strict-origin"
    return answer
