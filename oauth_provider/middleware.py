"""AccessMiddleware: `request.access` for plain Django views. Never `request.user` (RS10)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.utils.functional import cached_property

from oauth_provider import acting
from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer
from oauth_provider.resource_server.refusals import keep_private, send_nonce

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponseBase

    from oauth_provider.resource_server.access import Access


class AccessMiddleware:
    """Gives each request `access`: the Access of its bearer token, read when first asked for, or None.

    A token that is missing, wrong or expired gives None. Async views ask with `await request.aaccess()`.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], object]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        # A lazy object would not do: `request.access is None` must be true when there is none.
        request.__class__ = _with_access(cast("Any", type(request)))
        if self.is_async:
            return self._respond(request)
        return _finish(request, response=cast("HttpResponseBase", self.get_response(request)))

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        return _finish(request, response=await cast("Awaitable[HttpResponseBase]", self.get_response(request)))


class _AccessOfRequest:
    @cached_property
    def access(self) -> Access | None:
        request = cast("HttpRequest", self)
        try:
            access = bearer.authenticate(request, resource=_resource_of(request))
        except InvalidToken:
            return None
        if access is not None:
            acting.begin(access)
        return access

    async def aaccess(self) -> Access | None:
        # One hop into a thread where somebody has to be asked, and none else.
        if "access" in vars(self) or bearer.asks_nobody(cast("HttpRequest", self)):
            return self.access
        return await sync_to_async(lambda: self.access)()


@lru_cache
def _with_access(kind: type[Any]) -> type[HttpRequest]:
    return cast("type[HttpRequest]", type(kind.__name__, (_AccessOfRequest, kind), {"__module__": kind.__module__}))


def _resource_of(request: HttpRequest) -> str | None:
    """The `resource` of the view this request was routed to: on the function, or on the class behind it."""
    view = request.resolver_match.func if request.resolver_match is not None else None
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        resource = getattr(holder, "resource", None)
        if isinstance(resource, str):
            return resource
    return None


def _finish(request: HttpRequest, *, response: HttpResponseBase) -> HttpResponseBase:
    if "access" in vars(request):
        keep_private(response)
        access = vars(request)["access"]
        send_nonce(response, "" if access is None else access.dpop_nonce)
    return response
