"""Refusals as exceptions of Django REST framework. The challenge sits on them: no authenticator is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import APIException

if TYPE_CHECKING:
    from oauth_provider.resource_server.refusals import Refusal


class Refused(APIException):
    """Carries status, body and `WWW-Authenticate` of a refusal.

    Not an AuthenticationFailed: of those the framework takes the challenge of the first authenticator of the
    view, and makes it a 403 when SessionAuthentication is listed first.
    """

    def __init__(self, refusal: Refusal) -> None:
        body: Any = dict(refusal.body)
        super().__init__(detail=body, code=str(refusal.body["code"]))
        self.request_id = refusal.request_id
        self.status_code = refusal.status
        # The framework makes headers of these.
        if refusal.challenge:
            self.auth_header = refusal.challenge
        if refusal.retry_after is not None:
            self.wait = refusal.retry_after
