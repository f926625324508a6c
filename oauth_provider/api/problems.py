"""Every refusal as `application/problem+json` (RFC 9457), with the challenge of RFC 6750 where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ParseError, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"
# Of one request, and the length of a name that nobody of us chose.
_MOST_ERRORS = 50
_NAME_LENGTH = 100
# As long as a secret or a token: what was pasted into the wrong place is not told again, not even to who sent it.
_LIKE_A_SECRET = re.compile(r"[0-9A-Za-z_-]{40,}", re.ASCII)
# What a sentence about the whole body is kept under.
WHOLE = ""


class Forbidden(APIException):
    """403 for a reason that lies in what this one request wants."""

    status_code = 403
    default_code = "permission_denied"


class Conflict(APIException):
    """409: the thing is not in a state in which this can be done; `members` say more (RFC 9457 §3.2)."""

    status_code = 409
    default_code = "conflict"
    default_detail = gettext_lazy("This cannot be done in the present state.")

    def __init__(self, detail: Any = None, code: str | None = None, **members: object) -> None:
        super().__init__(detail, code)
        self.members = members


class TooLarge(APIException):
    """413: the body is longer than any this API takes."""

    status_code = 413
    default_code = "too_large"
    default_detail = gettext_lazy("The body is too large.")


class Problem(serializers.Serializer[Any]):
    """RFC 9457 §3.1. `code` is for programs; `errors` says what is wrong with which argument."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # the framework takes fields out of the class
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    client_id = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    required = serializers.ListField(  # type: ignore[assignment]  # as above
        child=serializers.CharField(), required=False
    )
    granted = serializers.ListField(child=serializers.CharField(), required=False)


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an exception of a view; None for one that is a fault of ours."""
    del context
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    body = {
        "type": "about:blank",
        "title": HTTPStatus(known.status_code).phrase,
        "status": known.status_code,
        **_members_of(known),
    }
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = str(known.auth_header)  # type: ignore[attr-defined]  # set by the view, or on Refused
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait))  # type: ignore[attr-defined]  # of Throttled
    return Response(body, status=known.status_code, headers=headers, content_type=MEDIA_TYPE)


def _as_api_exception(error: Exception) -> APIException | None:
    if isinstance(error, APIException):
        return error
    if isinstance(error, DjangoValidationError):
        return ValidationError(_errors_of_django(error))
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, DjangoPermissionDenied):
        return PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return ParseError() if isinstance(error, UnreadablePostError) else None


def _members_of(error: APIException) -> dict[str, object]:
    if isinstance(error, ValidationError):
        return {
            "detail": _("The request is not valid."),
            "code": "invalid",
            "errors": _by_argument(error.detail),
        }
    detail: Any = error.detail
    if isinstance(detail, dict):
        # A refusal of `drf` says `detail`, `code` and what is needed.
        return dict(detail)
    sentence = _LIKE_A_SECRET.sub("…", str(detail))
    return {"detail": sentence, "code": str(getattr(detail, "code", "error")), **getattr(error, "members", {})}


def _errors_of_django(error: DjangoValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {WHOLE if name == NON_FIELD_ERRORS else name: text for name, text in error.message_dict.items()}
    return {WHOLE: list(error.messages)}


def _by_argument(detail: Any) -> dict[str, list[str]]:
    """Argument to sentences; what is wrong with a part of an argument says which part."""
    entries = detail.items() if isinstance(detail, Mapping) else [(WHOLE, detail)]
    found: dict[str, list[str]] = {}
    for name, told in list(entries)[:_MOST_ERRORS]:
        key = WHOLE if name in {"non_field_errors", NON_FIELD_ERRORS, "__all__"} else _named(name)
        found[key] = list(_sentences(told))[:_MOST_ERRORS]
    return found


def _sentences(told: Any, place: str = "") -> Iterator[str]:
    if isinstance(told, Mapping):
        for name, inner in told.items():
            yield from _sentences(inner, f"{place}{_named(name)}: ")
    elif isinstance(told, list | tuple):
        for inner in told:
            yield from _sentences(inner, place)
    else:
        yield f"{place}{_LIKE_A_SECRET.sub('…', str(told))}"


def _named(name: object) -> str:
    return _LIKE_A_SECRET.sub("…", str(name))[:_NAME_LENGTH]
