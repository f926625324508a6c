"""Refusals: status, body and challenge of every no, the same in Django REST framework and in plain Django."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from oauth_provider.conf import conf
from oauth_provider.errors import InvalidProof, InvalidToken, IssuerUnavailable, MalformedToken
from oauth_provider.resource_server import conditions, kept, step_up
from oauth_provider.resource_server.challenges import DPOP, Door, challenge, with_scheme, without_token
from oauth_provider.resource_server.lack import INSUFFICIENT_SCOPE, INSUFFICIENT_USER_AUTHENTICATION, Asked, Lack

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
    "unreadable": "The body of the request cannot be read.",
    "issuer_unavailable": "The issuer of the access token cannot be asked at the moment.",
    "binding": "The access token is bound to a key, and the request does not prove to hold it.",
    "bound": "The access token is bound to a key: send it by the scheme DPoP, with a proof.",
    "not_bound": "The access token is bound to no key: send it by the scheme Bearer.",
    "no_proof": "The request has no DPoP proof.",
    "bad_proof": "The DPoP proof is malformed, or its key and signature are not accepted.",
    "other_request": "The DPoP proof is for another method or address.",
    "other_token": "The DPoP proof is for another access token.",
    "not_fresh": "The DPoP proof was not made just now.",
    "repeated": "The DPoP proof was used before.",
    "cannot_check": "The DPoP proof cannot be checked now.",
    "nonce_needed": "The DPoP proof needs the nonce of this answer.",
}
_UNKNOWN = "The access token is not valid."
REQUEST_ID = "X-Request-Id"
DPOP_NONCE = "DPoP-Nonce"
# What is said of the scheme DPoP, even to a request that used the other.
_ABOUT_DPOP = frozenset({"bound"})
_NOT_AUTHENTICATED = "not_authenticated"


# Of a token that is ours and known; why any other is refused is no more than that it is not.
_RULES = {
    "expired": "token_expired",
    "revoked": "token_revoked",
    "wrong_audience": "token_of_another_audience",
    **dict.fromkeys(("binding", "bound", "no_proof"), "token_of_a_key"),
    **dict.fromkeys(("bad_proof", "other_request", "other_token", "not_fresh", "repeated"), "proof_wrong"),
}


# Told of scopes first; then what no new token of the app would change; then how the person has to sign in.
_ORDER = (INSUFFICIENT_SCOPE, "", INSUFFICIENT_USER_AUTHENTICATION)
_WHOLE = {
    INSUFFICIENT_SCOPE: conditions.scope_lack,
    INSUFFICIENT_USER_AUTHENTICATION: step_up.step_up_lack,
}


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
    dpop_nonce: str = ""
    retry_after: int | None = None

    @property
    def is_of_no_token(self) -> bool:
        """Whether the request brought no token, so that another way in may be asked."""
        return self.body.get("code") == _NOT_AUTHENTICATED


def no_token(door: Door = Door(), *, scope: Iterable[str] = ()) -> Refusal:  # noqa: B008  # frozen
    """401 to a request without a token; the challenge has no `error` (RFC 6750 §3.1)."""
    body = {"detail": _("This needs an access token."), "code": _NOT_AUTHENTICATED}
    return Refusal(401, body, without_token(door, scope=scope))


def bad_token(error: InvalidToken, door: Door = Door()) -> Refusal:  # noqa: B008  # frozen
    """401 `invalid_token`, or 400 `invalid_request` for a token sent in a forbidden way (RFC 6750 §3.1).

    `invalid_dpop_proof` and `use_dpop_nonce` are 401 as well (RFC 9449 §7.1, §9). 503 where the issuer could not be
    asked: no challenge, because another token would fare no better.
    """
    if isinstance(error, IssuerUnavailable):
        body = {"detail": _DESCRIPTIONS[error.reason], "code": "temporarily_unavailable", "reason": error.reason}
        return Refusal(503, body, "", error.request_id, retry_after=error.retry_after)
    status, code = (400, "invalid_request") if isinstance(error, MalformedToken) else (401, error.code)
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
    if isinstance(error, InvalidProof) or error.reason in _ABOUT_DPOP:
        door = with_scheme(door, DPOP)
    return Refusal(
        status,
        body,
        challenge(door, error=code, description=description),
        error.request_id,
        dpop_nonce=error.nonce,
    )


def insufficient(lacks: Iterable[Lack], door: Door = Door(), *, asked: Asked, access: Access) -> Refusal:  # noqa: B008  # frozen
    """One answer for all that the token lacks; the first in `_ORDER` gives status and code.

    The challenge asks for everything that has to be asked for together (`asked`), so that one new token is enough.
    """
    told = _told(lacks, asked=asked, access=access)
    first = told[0]
    body: dict[str, object] = {"detail": " ".join(lack.detail for lack in told), "code": first.code}
    for lack in told:
        body |= {name: _with(body.get(name), value) for name, value in lack.body.items()}
    if len(told) > 1:
        body["lacking"] = list(dict.fromkeys(lack.code for lack in told))
    refusal = Refusal(first.status, body, _challenge(told, door, asked=asked))
    kept.keep(
        refusal.request_id,
        rule=first.rule,
        cause="; ".join(lack.cause for lack in told),
        compared={name: value for lack in reversed(told) for name, value in lack.compared.items()},
        about=about(access),
    )
    return refusal


def insufficient_scope(needed: Iterable[str], door: Door = Door(), *, access: Access) -> Refusal:  # noqa: B008  # frozen
    """403 `insufficient_scope` (RFC 6750 §3.1); a token with every one of `needed` would have entered."""
    asked = Asked(scope=tuple(needed))
    return insufficient([conditions.scope_lack(asked, access)], door, asked=asked, access=access)


def _told(lacks: Iterable[Lack], *, asked: Asked, access: Access) -> list[Lack]:
    """Each sort once, in order; of scopes and of signing in what all conditions together ask for."""
    each: dict[tuple[str, str], Lack] = {}
    for lack in lacks:
        whole = _WHOLE.get(lack.code)
        one = lack if whole is None else whole(asked, access)
        each.setdefault((one.code, one.detail), one)
    return sorted(each.values(), key=_place)


def _with(before: object, value: object) -> object:
    """Two lacks of one sort name what they need in one list."""
    if isinstance(before, list) and isinstance(value, list):
        return list(dict.fromkeys(before + value))
    return value


def _place(lack: Lack) -> int:
    return _ORDER.index(lack.error) if lack.code == lack.error else len(_ORDER) if lack.error else 1


def _challenge(told: list[Lack], door: Door, *, asked: Asked) -> str:
    first = told[0]
    if not first.error:
        # Where no new token of this app would do, it is not sent for one.
        return ""
    needs_sign_in = any(lack.code == INSUFFICIENT_USER_AUTHENTICATION for lack in told)
    return challenge(
        door,
        error=first.error,
        description=first.description,
        scope=asked.scope if needs_sign_in or first.code == INSUFFICIENT_SCOPE else (),
        acr_values=asked.acr_values if needs_sign_in else (),
        max_age=asked.max_age if needs_sign_in else None,
    )


def about(access: Access) -> dict[str, str]:
    """Whose token it was, for an explanation; costs no statement.

    An app of another issuer may be called as one of ours is: it is named with its issuer, so that nobody looks for it.
    """
    is_own = access.issuer == conf.ISSUER
    client_id = access.client_id if is_own else f"{access.client_id} ({access.issuer})"
    return {"client_id": client_id, "subject": access.subject}


def respond(refusal: Refusal) -> JsonResponse:
    """The refusal as Django's response."""
    response = JsonResponse(dict(refusal.body), status=refusal.status, headers={REQUEST_ID: refusal.request_id})
    if refusal.challenge:
        response.headers["WWW-Authenticate"] = refusal.challenge
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    send_nonce(response, refusal.dpop_nonce)
    keep_private(response)
    return response


def send_nonce(response: HttpResponseBase, nonce: str) -> None:
    """Give the client the nonce for its next proof, if there is one to give (RFC 9449 §8.2)."""
    if nonce:
        response.headers[DPOP_NONCE] = nonce


def keep_private(response: HttpResponseBase) -> None:
    """Keep an answer that depends on a token out of shared caches, unless the view said otherwise (RS12)."""
    patch_vary_headers(response, ["Authorization"])
    response.headers.setdefault("Cache-Control", "private, no-store")
