"""Django Ninja: `OAuth2Auth`, an app's token as the `auth` of an API, a router or an operation (extra `ninja`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError

from oauth_provider import acting
from oauth_provider.resource_server import conditions, refusals, requirement, security_schemes
from oauth_provider.resource_server.access import Access
from oauth_provider.resource_server.entrance import Entrance
from oauth_provider.resource_server.refusals import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


logger = logging.getLogger("oauth_provider.resource_server")

# What Ninja's schema says it is.
_OPENAPI = "3.1"
_NO_TOKEN = "_oauth_no_token"


class Refused(HttpError):
    """A refusal on its way through Ninja; where nobody answers it as we do, Ninja does with its status."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status, str(refusal.body["detail"]))
        self.refusal = refusal


class OAuth2Auth:
    """Lets in a bearer token with each of these scopes; the operation, sync or async, has its Access: `request.auth`.

    The keywords are those of `scope_required`. `request.user` is not touched. Answers as everywhere: 401 and 403 with
    challenge and a body that teaches. In a list (`auth=[OAuth2Auth("read"), django_auth]`) a request without a token
    goes on to the next; a token that is refused does not. List it first: what comes before it is asked before it.
    Raises ImproperlyConfigured without scopes.
    """

    # Ninja: `__call__` may give a coroutine, and does so where there is a loop to await it.
    is_async = True

    def __init__(
        self,
        *scopes: str,
        any_of: bool = False,
        acr: str | Iterable[str] = (),
        max_age: float | timedelta | None = None,
        targets: str | Iterable[str] = (),
        audience: str | Iterable[str] = (),
        only: str | Iterable[str] = (),
        resource: str | None = None,
    ) -> None:
        self.entrance = Entrance(
            requirement.any_of(scopes) if any_of else requirement.all_of(scopes),
            conditions.build(acr=acr, max_age=max_age, targets=targets, audience=audience, only=only),
            resource,
        )

    def __call__(self, request: HttpRequest) -> Access | Awaitable[Access | None] | None:
        if _is_in_a_loop():
            return self._authenticate_async(request)
        return _answer(request, self.entrance.enter(request))

    async def _authenticate_async(self, request: HttpRequest) -> Access | None:
        return _answer(request, await self.entrance.aenter(request))

    @property
    def openapi_security_schema(self) -> dict[str, Any]:
        """The security scheme, for Ninja's schema: our flows, their addresses and every scope."""
        known = security_schemes.definitions(version=_OPENAPI)
        return next(iter(known.values()), {"type": "http", "scheme": "bearer"})


def install(api: NinjaAPI) -> None:
    """Have this API answer our refusals with body and challenge, and keep answers to tokens private (RS12).

    Done at the first request where the API can be found, which the log says otherwise; then call it yourself.
    """
    if Refused in api._exception_handlers:  # noqa: SLF001  # there is no public way to read them
        return
    handlers: Any = api._exception_handlers  # noqa: SLF001  # as above
    before = handlers.get(AuthenticationError) or handlers[HttpError]
    api.add_exception_handler(AuthenticationError, partial(_respond_unauthenticated, before=before))
    api.add_exception_handler(Refused, _respond)
    wrapped: Any = api
    wrapped.create_temporal_response = partial(_make_private, api.create_temporal_response)


def _is_in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _answer(request: HttpRequest, entered: Access | Refusal) -> Access | None:
    """The access; None where there was no token, which another `auth` may do without. Raises Refused."""
    api = _api_of(request)
    if api is not None:
        install(api)
    if not isinstance(entered, Refusal):
        request.access = entered  # type: ignore[attr-defined]  # as in plain Django
        acting.begin(entered)
        return entered
    if api is None:
        # Ninja refuses all the same; in fewer words and without a challenge, unless somebody called `install`.
        logger.warning("No NinjaAPI is found at %r: call oauth_provider.ninja.install(api).", request.path)
    if not entered.is_of_no_token:
        raise Refused(entered)
    # Ninja asks the next; if none lets the request in, the first of ours says what was missing.
    vars(request).setdefault(_NO_TOKEN, entered)
    return None


def _respond(request: HttpRequest, error: Refused | type[Refused]) -> HttpResponse:
    if isinstance(error, type):
        raise error  # the framework's annotations allow a class; nobody here raises one
    return refusals.respond(error.refusal)


def _respond_unauthenticated(request: HttpRequest, error: Any, *, before: Any) -> HttpResponse:
    refusal = vars(request).get(_NO_TOKEN)
    response: HttpResponse = before(request, error) if refusal is None else refusals.respond(refusal)
    return response


def _make_private(make: Any, request: HttpRequest) -> HttpResponse:
    response: HttpResponse = make(request)
    access = getattr(request, "auth", None)
    if isinstance(access, Access):
        refusals.keep_private(response)
        refusals.send_nonce(response, access.dpop_nonce)
    return response


def _api_of(request: HttpRequest) -> NinjaAPI | None:
    """The API that the request was routed to: its view closes over the operations of its path, and those know it."""
    view = getattr(request.resolver_match, "func", None)
    for cell in getattr(view, "__closure__", None) or ():
        for operation in getattr(cell.cell_contents, "operations", ()):
            if isinstance(operation.api, NinjaAPI):
                return operation.api
    return None
