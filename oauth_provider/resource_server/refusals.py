"""Refusals: status, body and challenge of every no, the same in Django REST framework and in plain Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.errors import InvalidToken, MalformedToken
from oauth_provider.resource_server.challenges import REALM, challenge
from oauth_provider.resource_server.requirement import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponseBase

    from oauth_provider.resource_server.access import Access

# English: RFC 6750 §3 allows ASCII in `error_description`. RS5: a token nobody knows gets no detail.
_DESCRIPTIONS = {
    "malformed": "The access token is malformed.",
    "expired": "The access token has expired.",
    "revoked": "The access token was revoked.",
    "wrong_audience": "The access token is for another resource.",
    "other_issuer": "The access token comes from another issuer.",
    "in_query": "Send the access token in the Authorization header, not in the address.",
    "twice": "Send one access token, once, in the Authorization header.",
    "empty": "The Authorization header has no access token.",
}
_UNKNOWN = "The access token is not valid."


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that is no."""

    status: int
    body: Mapping[str, object]
    challenge: str


def no_token(*, scope: Iterable[str] = (), realm: str = REALM) -> Refusal:
    """401 to a request without a token; the challenge has no `error` (RFC 6750 §3.1)."""
    body = {"detail": _("This needs an access token."), "code": "not_authenticated"}
    return Refusal(401, body, challenge(realm=realm, scope=scope))


def bad_token(error: InvalidToken, *, realm: str = REALM) -> Refusal:
    """401 `invalid_token`, or 400 `invalid_request` for a token sent in a forbidden way (RFC 6750 §3.1)."""
    status, code = (400, "invalid_request") if isinstance(error, MalformedToken) else (401, "invalid_token")
    description = _DESCRIPTIONS.get(error.reason, _UNKNOWN)
    body = {"detail": description, "code": code, "reason": error.reason}
    return Refusal(status, body, challenge(realm=realm, error=code, description=description))


def insufficient_scope(needed: Iterable[str], *, access: Access, realm: str = REALM) -> Refusal:
    """403 `insufficient_scope` (RFC 6750 §3.1); a token with every one of `needed` would have entered."""
    needed = tuple(needed)
    lacking = missing(needed, access=access)
    if lacking:
        names = ", ".join(f"'{name}'" for name in lacking)
        detail = ngettext(
            "This needs the permission %(names)s.", "This needs the permissions %(names)s.", len(lacking)
        ) % {"names": names}
    else:
        detail = _("Apps may not do this here.")
    body = {
        "detail": detail,
        "code": "insufficient_scope",
        "required": list(needed),
        "granted": sorted(access.scopes),
    }
    return Refusal(403, body, challenge(realm=realm, error="insufficient_scope", scope=needed))


def respond(refusal: Refusal) -> JsonResponse:
    """The refusal as Django's response."""
    response = JsonResponse(dict(refusal.body), status=refusal.status, headers={"WWW-Authenticate": refusal.challenge})
    keep_private(response)
    return response


def keep_private(response: HttpResponseBase) -> None:
    """Keep an answer that depends on a token out of shared caches, unless the view said otherwise (RS12)."""
    patch_vary_headers(response, ["Authorization"])
    response.headers.setdefault("Cache-Control", "private, no-store")
