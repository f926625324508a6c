"""Refusals as exceptions of Django REST framework. The challenge sits on them: no authenticator is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext
from rest_framework.exceptions import APIException, Throttled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.resource_server.refusals import Refusal


class _WithBody(APIException):
    """Answers with a body whose members stay what they are; the framework would make a text of every one."""

    body: Mapping[str, object]

    def _tell(self, body: Mapping[str, object]) -> None:
        self.body = body
        self.detail: Any = dict(body)

    def get_codes(self) -> Any:
        return self.body["code"]

    def get_full_details(self) -> Any:
        return {"message": self.body["detail"], "code": self.body["code"]}


class Refused(_WithBody):
    """Carries status, body and `WWW-Authenticate` of a refusal.

    Not an AuthenticationFailed: of those the framework takes the challenge of the first authenticator of the
    view, and makes it a 403 when SessionAuthentication is listed first.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(code=str(refusal.body["code"]))
        self._tell(refusal.body)
        self.request_id = refusal.request_id
        self.status_code = refusal.status
        # The framework makes headers of these.
        if refusal.challenge:
            self.auth_header = refusal.challenge
        if refusal.retry_after is not None:
            self.wait = refusal.retry_after


class TooManyRequests(_WithBody, Throttled):
    """429 with `Retry-After`; the body says which rates are spent."""

    def __init__(self, wait: float | None, *, policies: list[str]) -> None:
        Throttled.__init__(self, wait)
        seconds = 0 if wait is None else math.ceil(wait)
        sentence = ngettext(
            "Too many requests. Try again in a second.", "Too many requests. Try again in %(seconds)d seconds.", seconds
        ) % {"seconds": seconds}
        self._tell(
            {"detail": sentence, "code": self.default_code, "retry_after": seconds, "policies": policies},
        )
