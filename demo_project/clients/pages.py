"""What every page of the apps says: where the rest of the demo is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from demo_project.clients.settings import ORIGIN, PROVIDER

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """The home page of the demo is the provider’s; here is only the first of the apps."""
    return redirect("clients:web")


def places(request: HttpRequest) -> dict[str, str]:
    """Context processor: the two addresses of the demo."""
    return {"provider": PROVIDER, "origin": ORIGIN, "host": ORIGIN.partition("://")[2]}
