"""Forms people send: readable at all, sent from a page of ours, and never answered by a page that loses their work."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from oauth_provider.endpoints.base import FORM, check_length, read_form, source_of
from oauth_provider.endpoints.pages import error_page
from oauth_provider.endpoints.viewer import SeeOther
from oauth_provider.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, answering with its reason instead of a page that loses what the person was doing."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseBase:
        del request
        return cast("HttpResponseBase", reason)


def has_valid_csrf_token(request: HttpRequest) -> bool:
    """Whether the form was sent from a page of ours in this browser."""

    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError(request)

    check = _CsrfCheck(view)
    check.process_request(request)
    return check.process_view(request, view, (), {}) is None


def form_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make a page whose form is read here first: what cannot be read is an error page, a stale token shows it again.

    Django reads a form where its CSRF check looks for the token, before any view, and some input fails there.
    """

    @csrf_exempt
    @functools.wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            try:
                # A browser may be told to send `multipart/form-data`, which Django reads.
                read_form(request) if request.content_type == FORM else check_length(request)
            except ProtocolError as error:
                return error_page(request, error, source=source_of(request))
            if not has_valid_csrf_token(request):
                return SeeOther(request.get_full_path())
        return view(request, *args, **kwargs)

    return page
