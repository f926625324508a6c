"""`protect`: any ASGI application behind our tokens: an MCP server, a Starlette mount, Channels.

It reads headers only, never the body, and makes one thread hop for each request (two for one that the application
refuses), through asgiref's thread-sensitive executor, where Django's connections live.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db import connections

from oauth_provider import acting
from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer, metadata, refusals, requirement
from oauth_provider.resource_server.challenges import Door

if TYPE_CHECKING:
    from django.http import HttpResponseBase, JsonResponse

    from oauth_provider.resource_server.access import Access
    from oauth_provider.resource_server.requirement import Requirement

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Of a websocket that is closed before it was accepted, where the server cannot send a response instead: 4000 to 4999
# are an application's own (RFC 6455 §7.4.2).
CLOSE_CODES = {401: 4401, 403: 4403}
_OTHER_CLOSE_CODE = 4400
_DENIAL = "websocket.http.response"


class InsufficientScope(PermissionDenied):
    """The token of this request lacks a scope; the answer says which are needed."""


@dataclass(slots=True)
class _Entered:
    """One request that was let in. What its handlers find out goes back through here, whatever task they run in."""

    access: Access
    door: Door
    wanted: tuple[str, ...]
    lacking: dict[str, None] = field(default_factory=dict)

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.wanted, *self.lacking)))


_entered: ContextVar[_Entered] = ContextVar("oauth_provider.access")


def current_access() -> Access:
    """The Access of the request that is being answered; raises LookupError outside of a protected application."""
    return _entered.get().access


def require_scopes(*scopes: str) -> None:
    """Go on only if the token carries each of these scopes; raises InsufficientScope, and LookupError as above.

    While nothing of the answer has been sent it becomes 403 `insufficient_scope`, with a challenge that names all
    scopes the operation needs, so that an app can ask its person for them (MCP authorization, step-up).
    """
    entered = _entered.get()
    wanted = requirement.all_of(scopes)
    if not wanted.is_held_by(entered.access):
        entered.lacking.update(dict.fromkeys(scopes))
        raise InsufficientScope(f"This needs the scopes: {' '.join(entered.needed)}.")


def protect(application: Application, *, scopes: Iterable[str], resource: str | None = None) -> Application:
    """Let in only requests and websockets with a bearer token that carries each of these scopes, for this resource.

    `resource` as on a view: None is the site's own audience. The application gets the Access as `scope["access"]` and
    by `current_access()`; what it answers is kept out of shared caches. Anything else is answered 401, 403 or 400 as
    by our views; a websocket is denied before it is accepted. Raises ImproperlyConfigured without scopes.
    """
    wanted = requirement.all_of(scopes)

    async def protected(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await application(scope, receive, send)
            return
        entered = await sync_to_async(_enter)(scope, wanted=wanted, resource=resource)
        if isinstance(entered, _Entered):
            await _serve(application, {**scope, "access": entered.access}, receive, send, entered=entered)
        else:
            await _refuse(entered, scope, receive, send)

    return protected


def _enter(scope: Scope, *, wanted: Requirement, resource: str | None) -> _Entered | JsonResponse:
    _close_old_connections()
    try:
        request = ASGIRequest({**scope, "method": scope.get("method", "GET")}, io.BytesIO())
        door = Door(resource_metadata=metadata.url_of(resource), scheme=bearer.scheme_of(request))
        try:
            access = bearer.authenticate(request, resource=resource)
        except InvalidToken as error:
            return refusals.respond(refusals.bad_token(error, door))
        (needed,) = wanted.alternatives
        if access is None:
            return refusals.respond(refusals.no_token(door, scope=needed))
        if not wanted.is_held_by(access):
            return refusals.respond(refusals.insufficient_scope(needed, door, access=access))
        return _Entered(access, door, needed)
    finally:
        _close_old_connections()


def _close_old_connections() -> None:
    """As Django does around a request of its own: here nobody else looks whether a connection still works.

    Django's own closes one in a transaction too, in which only a test calls us.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


async def _serve(application: Application, scope: Scope, receive: Receive, send: Send, *, entered: _Entered) -> None:
    """Run the application, and answer 403 in its place where it found that a scope is missing."""
    is_refused = has_begun = False

    async def guarded(message: Message) -> None:
        nonlocal is_refused, has_begun
        if not has_begun and entered.lacking and scope["type"] == "http":
            has_begun = is_refused = True
            refusal = refusals.insufficient_scope
            response = await sync_to_async(
                lambda: refusals.respond(refusal(entered.needed, entered.door, access=entered.access))
            )()
            await _send(response, send)
        if is_refused:
            return
        has_begun = True
        if message["type"] == "http.response.start":
            message = {**message, "headers": _private(message.get("headers", ()), nonce=entered.access.dpop_nonce)}
        await send(message)

    token = _entered.set(entered)
    acting.begin(entered.access)
    try:
        await application(scope, receive, guarded)
    except InsufficientScope:
        if has_begun:
            if not is_refused:
                raise
        else:
            await guarded({"type": "http.response.start", "status": 403})
    finally:
        _entered.reset(token)
        acting.end()


def _private(headers: Iterable[tuple[bytes, bytes]], *, nonce: str) -> list[tuple[bytes, bytes]]:
    """RS12: as `refusals.keep_private` and `refusals.send_nonce`, for headers as ASGI has them."""
    given = [(bytes(name).lower(), bytes(value)) for name, value in headers]
    names = {name for name, _value in given}
    varies = {each.strip().lower() for name, value in given if name == b"vary" for each in value.split(b",")}
    return [
        *given,
        *([] if varies & {b"authorization", b"*"} else [(b"vary", b"Authorization")]),
        *([] if b"cache-control" in names else [(b"cache-control", b"private, no-store")]),
        *([(refusals.DPOP_NONCE.lower().encode(), nonce.encode())] if nonce else []),
    ]


async def _refuse(response: JsonResponse, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await _send(response, send)
        return
    await receive()  # websocket.connect
    if _DENIAL in scope.get("extensions", {}):
        await _send(response, send, prefix=_DENIAL)
    else:
        code = CLOSE_CODES.get(response.status_code, _OTHER_CLOSE_CODE)
        await send({"type": "websocket.close", "code": code})


async def _send(response: HttpResponseBase, send: Send, *, prefix: str = "http.response") -> None:
    headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    body = bytes(getattr(response, "content", b""))
    length = (b"content-length", str(len(body)).encode("ascii"))
    await send({"type": f"{prefix}.start", "status": response.status_code, "headers": [*headers, length]})
    await send({"type": f"{prefix}.body", "body": body})
