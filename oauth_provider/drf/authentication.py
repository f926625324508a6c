"""OAuth2Authentication: a bearer token becomes (user, Access), behind the gate of the view's scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth2_provider.contrib.rest_framework import OAuth2Authentication as DOTAuthentication

from oauth_provider.drf import gate
from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer, refusals
from oauth_provider.resource_server.challenges import without_token

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
    from rest_framework.request import Request

    from oauth_provider.resource_server.access import Access


class OAuth2Authentication(DOTAuthentication):
    """Accepts a bearer token where a scope requirement of the view was evaluated and held.

    Gives `request.user` (AnonymousUser for a machine without service account) and `request.auth`, an Access.
    Raises Refused with the challenge. Subclasses django-oauth-toolkit's class, because
    IsAuthenticatedOrTokenHasScope tells apps from people by it; nothing of that class runs.
    With `only_own` tokens of TRUSTED_ISSUERS are refused.
    """

    only_own = False

    def authenticate(self, request: Request | None) -> tuple[AbstractBaseUser | AnonymousUser, Access] | None:
        if request is None:
            return None
        view = (getattr(request, "parser_context", None) or {}).get("view")
        gate.keep_private(view)
        http_request: Any = getattr(request, "_request", request)
        try:
            access = bearer.authenticate(http_request, resource=gate.resource_of(view), only_own=self.only_own)
        except InvalidToken as error:
            door = gate.door_of(request, view=view, authenticator=self)
            raise gate.refuse(refusals.bad_token(error, door), view=view) from error
        if access is None:
            return None
        user = access.user if access.user is not None else _anonymous()
        gate.enter(request, view=view, user=user, access=access, authenticator=self)
        http_request.access = access
        return user, access

    def authenticate_header(self, request: Any) -> str:
        """The challenge to a request without a token (RFC 6750 §3.1: no `error`), naming the view's scopes."""
        view = (getattr(request, "parser_context", None) or {}).get("view")
        door = gate.door_of(request, view=view, authenticator=self)
        return without_token(door, scope=gate.scopes_of(view, request))


def _anonymous() -> AnonymousUser:
    # Models are not ready when Django REST framework imports its authentication classes.
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    return AnonymousUser()
