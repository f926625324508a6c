"""The gate: a token enters only where a scope requirement was evaluated **and** held.

Django REST framework composes permissions per operand, and a token *is* authenticated: with `AllowAny`,
`IsAuthenticated | HasScope("x")` or `~HasScope("x")` every app would come in. So the permissions are judged
here, at the moment of authentication: whatever a view overrides, no handler runs for a refused token.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from rest_framework.exceptions import PermissionDenied

from oauth_provider import acting
from oauth_provider.drf.exceptions import Refused
from oauth_provider.drf.verdict import judge, scopes_to_ask_for
from oauth_provider.resource_server import bearer, kept, metadata, refusals
from oauth_provider.resource_server.challenges import Door

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access
    from oauth_provider.resource_server.refusals import Refusal

_REFUSED = frozenset({401, 403})

logger = logging.getLogger("oauth_provider.resource_server")


def enter(request: Any, *, view: Any, user: Any, access: Access, authenticator: Any) -> None:
    """Let the token in, or raise Refused or PermissionDenied. Where no view states permissions: refused."""
    if not (hasattr(view, "get_permissions") and hasattr(view, "check_permissions")):
        logger.warning("Bearer token refused: there is no view whose permissions could ask for a scope.")
        door = door_of(request, view=view, authenticator=authenticator)
        raise refuse(refusals.insufficient_scope((), door, access=access), view=view)
    # Permissions look at these; the framework sets them again when we return.
    request.user, request.auth = user, access
    request._authenticator = authenticator  # noqa: SLF001  # what successful_authenticator answers
    try:
        _check(view, request)
    except Exception:
        request._not_authenticated()  # noqa: SLF001  # the framework does so for its own exceptions only
        raise
    acting.begin(access)
    if getattr(type(view).check_permissions, "__qualname__", "") == "APIView.check_permissions":
        is_routed = getattr(view, "request", None) is request
        judged = [_state(view, request)] if is_routed else []
        view.check_permissions = partial(_check_again, view, judged=judged)


def resource_of(view: Any) -> str | None:
    """The resource the view says it belongs to."""
    resource = getattr(view, "resource", None)
    return resource if isinstance(resource, str) else None


def door_of(request: Any, *, view: Any, authenticator: Any) -> Door:
    """What every challenge of this view says."""
    return Door(
        realm=authenticator.www_authenticate_realm,
        resource_metadata=metadata.url_of(resource_of(view)),
        scheme=bearer.scheme_of(getattr(request, "_request", request)),
    )


def scopes_of(view: Any, request: Any) -> tuple[str, ...]:
    """The scopes to name to who has no token (RFC 6750 §3); none where the view leaves a choice or does not say."""
    try:
        return scopes_to_ask_for(view.get_permissions(), request=request, view=view)
    except Exception:  # noqa: BLE001  # what is wrong with the view is said where it decides; this words a refusal
        return ()


def keep_private(view: Any) -> None:
    """Mark the view's answers as depending on the Authorization header, private if one was sent (RS12)."""
    original = getattr(view, "finalize_response", None)
    if original is not None:
        view.finalize_response = partial(_finalize, original)


def refuse(refusal: Refusal, *, view: Any) -> Refused:
    """The exception to raise; the view's answer quotes the refusal's request id, and brings its nonce."""
    _quote(view, refusal.request_id, dpop_nonce=refusal.dpop_nonce)
    return Refused(refusal)


def _quote(view: Any, request_id: str, *, dpop_nonce: str = "") -> None:
    """Have the view's answer carry this request id."""
    original = getattr(view, "finalize_response", None)
    if original is not None:
        view.finalize_response = partial(_finalize_quoting, original, request_id, dpop_nonce)


def _finalize_quoting(
    original: Any, request_id: str, dpop_nonce: str, request: Any, response: Any, *args: Any, **kwargs: Any
) -> Any:
    response = original(request, response, *args, **kwargs)
    response.headers[refusals.REQUEST_ID] = request_id
    refusals.send_nonce(response, dpop_nonce)
    return response


def _finalize(original: Any, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
    response = original(request, response, *args, **kwargs)
    if response.status_code in _REFUSED:
        response.headers.setdefault(refusals.REQUEST_ID, refusals.new_request_id())
    if request.META.get("HTTP_AUTHORIZATION"):
        refusals.keep_private(response)
        # As `enter` left it: `request.auth` might authenticate here, where nobody catches what that raises.
        refusals.send_nonce(response, getattr(vars(request).get("_auth"), "dpop_nonce", ""))
    return response


def _check_again(view: Any, request: Any, *, judged: list[object]) -> None:
    """The view's own call: spared once if nothing changed; what the browsable API asks besides is judged."""
    if not judged or judged.pop() != _state(view, request):
        _check(view, request)


def _state(view: Any, request: Any) -> object:
    return id(request), request.method, getattr(view, "action", None)


def _check(view: Any, request: Any) -> None:
    verdict = judge(view.get_permissions(), request=request, view=view)
    if verdict.enters:
        return
    access: Access = request.auth
    door = door_of(request, view=view, authenticator=request.successful_authenticator)
    asked = verdict.asked_of(access)
    if verdict.lacks:
        raise refuse(refusals.insufficient(verdict.lacks, door, asked=asked, access=access), view=view)
    if verdict.refused_by is not None and not verdict.allowed:
        _refuse_by(verdict.refused_by, view=view, access=access, door=door)
    if not asked.scope:
        logger.warning(
            "Bearer token refused at %r: %s asks for no scope at %s. Add HasScope or AllowAppsWithoutScope.",
            request.path,
            type(view).__name__,
            request.method,
        )
    raise refuse(refusals.insufficient_scope(asked.scope, door, access=access), view=view)


def _refuse_by(permission: Any, *, view: Any, access: Access, door: Door) -> NoReturn:
    """A permission said no that has no conditions: by the answer it has, or by the framework's."""
    answer = permission.refusal(access, door) if hasattr(permission, "refusal") else None
    if answer is not None:
        raise refuse(answer, view=view)
    _keep(permission, view=view, access=access)
    raise PermissionDenied(detail=getattr(permission, "message", None), code=getattr(permission, "code", None))


def _keep(refused_by: object, *, view: Any, access: Access) -> None:
    """Another permission of the view said no: name it to whoever looks into it."""
    request_id, name = refusals.new_request_id(), type(refused_by).__name__
    _quote(view, request_id)
    kept.keep(
        request_id,
        rule="permission_refused",
        cause=f"{name} of {type(view).__name__} refuses",
        compared={"permission": name},
        about=refusals.about(access),
    )
