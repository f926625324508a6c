"""What a page of the demo may load and whom it may call: itself, unless the view says more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

_STRICT = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def policy(**more: str) -> str:
    """The value of Content-Security-Policy, with further directives by name (`script_src="'self'"`)."""
    directives = {**_STRICT, **{name.replace("_", "-"): sources for name, sources in more.items()}}
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


class PagePolicy:
    """Gives every page the strict policy that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy())
        return response
