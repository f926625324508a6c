"""For sites that keep django-oauth-toolkit's own DRF classes: a validator that knows our tokens too.

    OAUTH2_PROVIDER = {"OAUTH2_VALIDATOR_CLASS": "oauth_provider.server.validator.Validator"}

It only answers whose token a bearer token is; our endpoints never ask it anything.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from oauth2_provider.oauth2_validators import OAuth2Validator

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken
from oauth_provider.keys import signing
from oauth_provider.resource_server import own


class Validator(OAuth2Validator):
    """django-oauth-toolkit's validator; a bearer token of ours is looked up in our tables."""

    def validate_bearer_token(self, token: str | None, scopes: list[str] | None, request: Any) -> bool:
        """Whether the token is live and holds these scopes; sets client, user, scopes and access_token."""
        if token and (credentials.is_ours(token) or signing.looks_like_jwt(token)):
            return _accept(token, scopes, request)
        return bool(super().validate_bearer_token(token, scopes, request))

    def validate_jwt_bearer_token(self, token: str, scopes: list[str] | None, request: Any) -> bool:
        """The same, where django-oauth-toolkit's OpenID server sends values that look like a JWT."""
        return _accept(token, scopes, request) or bool(super().validate_jwt_bearer_token(token, scopes, request))


def _accept(token: str, scopes: list[str] | None, request: Any) -> bool:
    try:
        access = own.verify(token)
    except InvalidToken:
        return False
    if access.confirmation:
        # RS7: django-oauth-toolkit's classes read bearer tokens only, and this one needs a proof.
        return False
    # The authentication class asks with no scopes; its permission classes ask for them afterwards.
    if conf.ISSUER not in access.audience or (scopes and not access.is_valid(scopes)):
        return False
    request.client, request.user = access.registered_client.application, access.user or AnonymousUser()
    request.scopes, request.access_token = list(access.scopes), access
    return True
