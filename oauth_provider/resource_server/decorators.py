"""`scope_required` and `ScopeRequiredMixin`: plain Django views for apps, which read `request.access`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.views.decorators.csrf import csrf_exempt

from oauth_provider import acting
from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer, metadata, refusals, requirement
from oauth_provider.resource_server.challenges import Door

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from oauth_provider.resource_server.requirement import Requirement

View = Callable[..., Any]


def scope_required(*scopes: str, resource: str | None = None) -> Callable[[View], View]:
    """Let in only a bearer token with each of these scopes; the view, sync or async, gets `request.access`.

    Answers 401 and 403 as JSON with a challenge. `request.user` is not touched. Raises ImproperlyConfigured
    without scopes.
    """
    wanted = requirement.all_of(scopes)

    def decorate(view: View) -> View:
        @wraps(view)
        def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = _enter(request, wanted=wanted, resource=resource)
            return refused or _finish(request, view(request, *args, **kwargs))

        @wraps(view)
        async def respond_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = await sync_to_async(_enter)(request, wanted=wanted, resource=resource)
            return refused or _finish(request, await view(request, *args, **kwargs))

        protected: Any = _for_apps(respond_async if iscoroutinefunction(view) else respond)
        protected.resource = resource
        # What `oauth_routes` reads.
        protected.scope_requirement = wanted
        return cast("View", protected)

    return decorate


class ScopeRequiredMixin:
    """For class-based views: `required_scopes` is a list, or a map of HTTP methods; first among the bases."""

    required_scopes: list[str] | tuple[str, ...] | Mapping[str, Any] = ()
    resource: str | None = None
    view_is_async: bool

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        return _for_apps(super().as_view(**initkwargs))  # type: ignore[misc]  # View is the next base

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.view_is_async:
            return self._dispatch_async(request, *args, **kwargs)
        wanted = requirement.of_view(self.required_scopes, method=request.method or "")
        refused = _enter(request, wanted=wanted, resource=self.resource)
        return refused or _finish(request, super().dispatch(request, *args, **kwargs))  # type: ignore[misc]  # as above

    async def _dispatch_async(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        wanted = requirement.of_view(self.required_scopes, method=request.method or "")
        refused = await sync_to_async(_enter)(request, wanted=wanted, resource=self.resource)
        if refused is not None:
            return refused
        return _finish(request, await super().dispatch(request, *args, **kwargs))  # type: ignore[misc]  # as above


def _for_apps(view: View) -> View:
    """No cookie opens these views: a forged request gets nowhere, and a login page is no answer."""
    return csrf_exempt(login_not_required(view))


def _enter(request: HttpRequest, *, wanted: Requirement, resource: str | None) -> HttpResponseBase | None:
    """Set `request.access`, or return the refusal."""
    door = Door(resource_metadata=metadata.url_of(resource), scheme=bearer.scheme_of(request))
    try:
        access = bearer.authenticate(request, resource=resource)
    except InvalidToken as error:
        return refusals.respond(refusals.bad_token(error, door))
    if access is None:
        scope = wanted.alternatives[0] if len(wanted.alternatives) == 1 else ()
        return refusals.respond(refusals.no_token(door, scope=scope))
    if not wanted.is_held_by(access):
        return refusals.respond(refusals.insufficient_scope(wanted.nearest(access), door, access=access))
    request.access = access  # type: ignore[attr-defined]  # ours, documented
    acting.begin(access)
    return None


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    refusals.keep_private(response)
    refusals.send_nonce(response, request.access.dpop_nonce)  # type: ignore[attr-defined]  # ours, set by `_enter`
    return response
