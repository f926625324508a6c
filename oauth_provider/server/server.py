"""The oauthlib server: its plain dicts hold our objects and nothing else.

oauthlib sends an unknown or missing `grant_type` or `response_type` to the default handler, so each object's first
line asks "is this mine?", and the default is an object that refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from oauthlib.oauth2 import AuthorizationEndpoint, TokenEndpoint

from oauth_provider.errors import InvalidRequest, UnsupportedGrantType
from oauth_provider.grants import GRANTS
from oauth_provider.server import authorization_pipeline, token_pipeline
from oauth_provider.values import ResponseType

if TYPE_CHECKING:
    from oauth_provider.authorization.outcomes import Outcome
    from oauth_provider.authorization.parameters import AuthorizationRequest
    from oauth_provider.server.token_pipeline import Answer
    from oauth_provider.values import GrantType, TokenRequest

_UNKNOWN = ""


def _not_served(grant_type: object) -> UnsupportedGrantType:
    return UnsupportedGrantType(
        "This grant type is not served.", compared={"sent": str(grant_type), "served": " ".join(GRANTS)}
    )


class _GrantDoor:
    """What oauthlib calls for one grant type."""

    def __init__(self, grant_type: GrantType) -> None:
        self._grant_type = grant_type

    def create_token_response(self, request: Any, token_handler: object) -> Answer:
        del token_handler
        if request.grant_type != self._grant_type:
            raise _not_served(request.grant_type)
        return token_pipeline.run(request.extra_credentials, grant_type=self._grant_type)


class _NoGrant:
    """What oauthlib calls for a grant type nobody serves."""

    def create_token_response(self, request: Any, token_handler: object) -> Answer:
        del token_handler
        if not request.grant_type:
            raise InvalidRequest("grant_type is missing.", rule="parameter_missing")
        raise _not_served(request.grant_type)


class _ResponseDoor:
    """What oauthlib calls for every response type: the checks find the client before they judge the type."""

    def create_authorization_response(self, request: Any, token_handler: object) -> Outcome:
        del token_handler
        return authorization_pipeline.run(request.asked)


class Server(AuthorizationEndpoint, TokenEndpoint):
    """One per process; it keeps no state of a request."""

    def __init__(self) -> None:
        grant_types = {grant_type.value: _GrantDoor(grant_type) for grant_type in GRANTS}
        response_types = {response_type.value: _ResponseDoor() for response_type in ResponseType}
        TokenEndpoint.__init__(
            self,
            default_grant_type=_UNKNOWN,
            default_token_type=None,
            grant_types={**grant_types, _UNKNOWN: _NoGrant()},
        )
        AuthorizationEndpoint.__init__(
            self,
            default_response_type=_UNKNOWN,
            default_token_type=None,
            response_types={**response_types, _UNKNOWN: _ResponseDoor()},
        )
        self.catch_errors = False

    def token(self, request: TokenRequest) -> Answer:
        """Answer a token request; raises ProtocolError when it never reached a grant."""
        return cast(
            "Answer",
            self.create_token_response("/token", "POST", dict(request.params), {}, credentials=request),
        )

    def authorize(self, asked: AuthorizationRequest) -> Outcome:
        """What is to be done with an authorization request; raises ProtocolError for what must be shown as a page."""
        return cast(
            "Outcome",
            self.create_authorization_response(
                "/authorize", "POST", dict(asked.parameters.values), {}, credentials={"asked": asked}
            ),
        )


server = Server()
