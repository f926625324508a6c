"""The page of the app in the browser. All of it happens in static/clients/browser/: this server sees no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from demo_project.clients import credentials
from demo_project.clients.settings import ORIGIN, PROVIDER
from demo_project.policy import policy

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """One page, which is also where the provider sends the browser back to."""
    context = {
        "client_id": credentials.of("spa").client_id,
        "redirect_uri": f"{ORIGIN}{reverse('clients:browser')}",
    }
    response = render(request, "clients/browser.html", context)
    # Scripts from here, requests to the provider, and text that never becomes markup.
    response["Content-Security-Policy"] = policy(
        script_src="'self'",
        connect_src=PROVIDER,
        form_action="'none'",
        require_trusted_types_for="'script'",
        trusted_types="'none'",
    )
    # The code arrives in the address of this page: nobody is told it by a Referer.
    response["Referrer-Policy"] = "no-referrer"
    return response
