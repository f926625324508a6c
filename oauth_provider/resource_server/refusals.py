"""Refusals: status, body and challenge of every no, the same in Django REST framework and in plain Django."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken, IssuerUnavailable, MalformedToken
from oauth_provider.resource_server import kept
from oauth_provider.resource_server.challenges import Door, challenge
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
    "issuer_unavailable": "The issuer of the access token cannot be asked at the moment.",
    "binding": "The access token is bound to a key, and the request does not prove to hold it.",
}
_UNKNOWN = "The access token is not valid."
REQUEST_ID = "X-Request-Id"


# Of a token that is ours and known; why any other is refused is no more than that it is not.
_RULES = {"expired": "token_expired", "revoked": "token_revoked", "wrong_audience": "token_of_another_audience"}


def new_request_id() -> str:
    """A random id for one refusal."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that is no; `request_id` goes out as `X-Request-Id`, and is what `insight.explain` finds it by.

    `challenge` is empty, and `retry_after` (seconds) is not, where the token may be good and could not be checked.
    """

    status: int
    body: Mapping[str, object]
    challenge: str
    request_id: str = field(default_factory=new_request_id)
    retry_after: int | None = None


def no_token(door: Door = Door(), *, scope: Iterable[str] = ()) -> Refusal:  # noqa: B008  # frozen
    """401 to a request without a token; the challenge has no `error` (RFC 6750 §3.1)."""
    body = {"detail": _("This needs an access token."), "code": "not_authenticated"}
    return Refusal(401, body, challenge(door, scope=scope))


def bad_token(error: InvalidToken, door: Door = Door()) -> Refusal:  # noqa: B008  # frozen
    """401 `invalid_token`, or 400 `invalid_request` for a token sent in a forbidden way (RFC 6750 §3.1).

    503 where the issuer could not be asked: no challenge, because another token would fare no better.
    """
    if isinstance(error, IssuerUnavailable):
        body = {"detail": _DESCRIPTIONS[error.reason], "code": "temporarily_unavailable", "reason": error.reason}
        return Refusal(503, body, "", error.request_id, retry_after=error.retry_after)
    status, code = (400, "invalid_request") if isinstance(error, MalformedToken) else (401, "invalid_token")
    description = _DESCRIPTIONS.get(error.reason, _UNKNOWN)
    body = {"detail": description, "code": code, "reason": error.reason}
    if error.about and error.reason in _RULES:
        kept.keep(
            error.request_id,
            rule=_RULES[error.reason],
            cause=error.detail,
            compared=error.compared,
            about=error.about,
        )
    return Refusal(status, body, challenge(door, error=code, description=description), error.request_id)


def insufficient_scope(needed: Iterable[str], door: Door = Door(), *, access: Access) -> Refusal:  # noqa: B008  # frozen
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
    refusal = Refusal(403, body, challenge(door, error="insufficient_scope", scope=needed))
    kept.keep(
        refusal.request_id,
        rule="scope_missing",
        cause=f"the token lacks {list(lacking)}",
        compared={"required": " ".join(needed), "granted": access.scope},
        about=about(access),
    )
    return refusal


def insufficient_targets(kind: str, door: Door = Door(), *, access: Access) -> Refusal:  # noqa: B008  # frozen
    """403: the token is limited to no object of this kind, because none was chosen or no scope of it is about any."""
    body = {
        "detail": _("This needs objects of the kind '%(kind)s', and the app was given none.") % {"kind": kind},
        "code": "insufficient_targets",
        "required_targets": [kind],
        "granted_targets": sorted(access.targets),
    }
    description = f"The access token is limited to no object of the type {kind}."
    refusal = Refusal(403, body, challenge(door, error="insufficient_scope", description=description))
    kept.keep(
        refusal.request_id,
        rule="targets_missing",
        cause=f"the token has no object of the kind {kind}",
        compared={"required": kind, "granted": " ".join(sorted(access.targets))},
        about=about(access),
    )
    return refusal


def about(access: Access) -> dict[str, str]:
    """Whose token it was, for an explanation; costs no statement.

    An app of another issuer may be called as one of ours is: it is named with its issuer, so that nobody looks for it.
    """
    is_own = access.issuer == conf.ISSUER
    client_id = access.client_id if is_own else f"{access.client_id} ({access.issuer})"
    return {"client_id": client_id, "subject": access.subject}


def respond(refusal: Refusal) -> JsonResponse:
    """The refusal as Django's response."""
    headers = {REQUEST_ID: refusal.request_id}
    if refusal.challenge:
        headers["WWW-Authenticate"] = refusal.challenge
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    response = JsonResponse(dict(refusal.body), status=refusal.status, headers=headers)
    keep_private(response)
    return response


def keep_private(response: HttpResponseBase) -> None:
    """Keep an answer that depends on a token out of shared caches, unless the view said otherwise (RS12)."""
    patch_vary_headers(response, ["Authorization"])
    response.headers.setdefault("Cache-Control", "private, no-store")
