"""The front page: what there is to click through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """Link everything the demo shows."""
    return render(request, "demo/index.html", {"issuer": conf.ISSUER})
