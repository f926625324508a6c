"""The front page: what there is to touch, where, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from demo_project.policy import policy
from demo_project.settings import DEMO_APPS_ORIGIN
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """Link everything the demo shows."""
    context = {
        "issuer": conf.ISSUER,
        "host": conf.ISSUER.partition("://")[2],
        "apps": DEMO_APPS_ORIGIN,
        "apps_host": DEMO_APPS_ORIGIN.partition("://")[2],
    }
    response = render(request, "demo/index.html", context)
    response["Content-Security-Policy"] = policy()
    return response
