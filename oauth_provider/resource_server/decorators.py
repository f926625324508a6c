"""`scope_required` and `ScopeRequiredMixin`: plain Django views for apps, which read `request.access`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.views.decorators.csrf import csrf_exempt

from oauth_provider import acting
from oauth_provider.resource_server import conditions, refusals, requirement
from oauth_provider.resource_server.entrance import Entrance
from oauth_provider.resource_server.refusals import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from oauth_provider.resource_server.access import Access

View = Callable[..., Any]
OneOrMore = str | Iterable[str]


def scope_required(
    *scopes: str,
    any_of: bool = False,
    acr: OneOrMore = (),
    max_age: float | timedelta | None = None,
    targets: OneOrMore = (),
    audience: OneOrMore = (),
    only: OneOrMore = (),
    resource: str | None = None,
) -> Callable[[View], View]:
    """Let in only a bearer token with each of these scopes (`any_of`: with one); the view gets `request.access`.

    Beside scopes: `acr` values of which the sign-in has one, `max_age` of the sign-in in seconds or as a timedelta
    (RFC 9470), kinds of objects the token is limited to (`targets`), an `audience`, and `only` one of `"user"`,
    `"machine"`, `"first_party"`. `resource` is the one the view belongs to, where the site declares several.

    For sync and async views. Answers 401 and 403 as JSON with a challenge. `request.user` is not touched. Raises
    ImproperlyConfigured without scopes.
    """
    entrance = Entrance(
        requirement.any_of(scopes) if any_of else requirement.all_of(scopes),
        conditions.build(acr=acr, max_age=max_age, targets=targets, audience=audience, only=only),
        resource,
    )

    def decorate(view: View) -> View:
        @wraps(view)
        def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = _admit(request, entrance.enter(request))
            return refused or _finish(request, view(request, *args, **kwargs))

        @wraps(view)
        async def respond_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = _admit(request, await entrance.aenter(request))
            return refused or _finish(request, await view(request, *args, **kwargs))

        protected: Any = _for_apps(respond_async if iscoroutinefunction(view) else respond)
        protected.resource = resource
        protected.entrance = entrance
        return cast("View", protected)

    return decorate


class ScopeRequiredMixin:
    """For class-based views, first among the bases: the keywords of `scope_required` as attributes.

    `required_scopes` is a list, or a map of HTTP methods; with `any_of` one of those named is enough.
    """

    required_scopes: list[str] | tuple[str, ...] | Mapping[str, Any] = ()
    any_of: bool = False
    acr: OneOrMore = ()
    max_age: float | timedelta | None = None
    targets: OneOrMore = ()
    audience: OneOrMore = ()
    only: OneOrMore = ()
    resource: str | None = None
    view_is_async: bool

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        return _for_apps(super().as_view(**initkwargs))  # type: ignore[misc]  # View is the next base

    def entrance_for(self, method: str) -> Entrance:
        """What this view asks of a token at this method; raises ImproperlyConfigured when that is nothing."""
        return Entrance(
            requirement.of_view(self.required_scopes, method=method, any_of=self.any_of),
            conditions.build(
                acr=self.acr, max_age=self.max_age, targets=self.targets, audience=self.audience, only=self.only
            ),
            self.resource,
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.view_is_async:
            return self._dispatch_async(request, *args, **kwargs)
        refused = _admit(request, self.entrance_for(request.method or "").enter(request))
        return refused or _finish(request, super().dispatch(request, *args, **kwargs))  # type: ignore[misc]  # as above

    async def _dispatch_async(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refused = _admit(request, await self.entrance_for(request.method or "").aenter(request))
        if refused is not None:
            return refused
        return _finish(request, await super().dispatch(request, *args, **kwargs))  # type: ignore[misc]  # as above


def _for_apps(view: View) -> View:
    """No cookie opens these views: a forged request gets nowhere, and a login page is no answer."""
    return csrf_exempt(login_not_required(view))


def _admit(request: HttpRequest, entered: Access | Refusal) -> HttpResponseBase | None:
    """Set `request.access`, or return the answer to who is refused."""
    if isinstance(entered, Refusal):
        return refusals.respond(entered)
    request.access = entered  # type: ignore[attr-defined]  # ours, documented
    acting.begin(entered)
    return None


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    refusals.keep_private(response)
    refusals.send_nonce(response, request.access.dpop_nonce)  # type: ignore[attr-defined]  # ours, set by `_admit`
    return response
