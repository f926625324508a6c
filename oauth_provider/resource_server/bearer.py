"""The way of a bearer token: out of the header, verified, for this audience (RFC 6750, RFC 9068 §4)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.http import QueryDict
from django.http.request import RawPostDataException

from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken, MalformedToken
from oauth_provider.resource_server import audience
from oauth_provider.resource_server.challenges import BEARER, DPOP

if TYPE_CHECKING:
    from django.http import HttpRequest

    from oauth_provider.resource_server.access import Access

logger = logging.getLogger("oauth_provider.resource_server")

# Longer than any token of ours; checked before anything is parsed (RFC 8725 §3.6).
MAX_TOKEN_LENGTH = 8192

# RFC 6750 §2.1, RFC 9449 §7.1; the names are case-insensitive (RFC 9110 §11.1).
SCHEMES = {"bearer": BEARER, "dpop": DPOP}
# RFC 9449 §6.1: the one way of binding that is understood.
_THUMBPRINT = "jkt"
_PARAMETER = "access_token"
_FORM = "application/x-www-form-urlencoded"
# RFC 6750 §2.1: b64token.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Presented:
    """What stands in the Authorization header: the scheme as we write it, and the token."""

    scheme: str
    value: str = field(repr=False)


def authenticate(request: HttpRequest, *, resource: str | None = None, only_own: bool = False) -> Access | None:
    """The access of the token this request sent, or None when it sent none. One statement, none for other issuers', one
    more if it is bound to a key.

    `resource` is the one the view belongs to; `only_own` refuses tokens of TRUSTED_ISSUERS. Raises InvalidToken (401),
    MalformedToken (400) or IssuerUnavailable (503), whose `reason` may be told, and ImproperlyConfigured when the view
    must name its resource.
    """
    try:
        presented = find_presented(request)
        if presented is None:
            return None
        access = prove(request, presented, _verify(presented.value, resource=resource, only_own=only_own))
    except InvalidToken as error:
        logger.info(
            "Bearer token refused at %r: request_id=%s: %s (%s)",
            request.path,
            error.request_id,
            error.reason,
            error.detail,
        )
        raise
    return access


async def aauthenticate(request: HttpRequest, *, resource: str | None = None) -> Access | None:
    """As `authenticate`, for async views: one hop into a thread, and none where `asks_nobody`."""
    if asks_nobody(request):
        return authenticate(request, resource=resource)
    return await sync_to_async(authenticate)(request, resource=resource)


def asks_nobody(request: HttpRequest) -> bool:
    """Whether `authenticate` needs no database, cache or network for this request, so that it may run in a loop."""
    try:
        presented = find_presented(request)
    except InvalidToken:
        return True
    # A proof is used once, which is a row.
    return presented is None or (presented.scheme == BEARER and _is_known_here(presented.value))


def _is_known_here(value: str) -> bool:
    """Whether the token can be judged by what this process keeps."""
    from oauth_provider.resource_server import own  # noqa: PLC0415  # as in `_verify`

    if conf.TRUSTED_ISSUERS:
        from oauth_provider.resource_server.issuers import choice, verify  # noqa: PLC0415  # as above

        try:
            issuer = choice.issuer_of(value)
        except InvalidToken:
            return True
        if issuer is not None:
            return verify.asks_nobody(value, issuer)
    return own.asks_nobody(value)


def _verify(value: str, *, resource: str | None, only_own: bool) -> Access:
    """By whoever issued it: this site, or one of TRUSTED_ISSUERS, which has audiences of its own."""
    expected = audience.expected(resource)
    if conf.TRUSTED_ISSUERS and not only_own:
        # Rows are met only in these: authentication classes are imported before the apps are ready.
        from oauth_provider.resource_server.issuers import choice, verify  # noqa: PLC0415

        issuer = choice.issuer_of(value)
        if issuer is not None:
            return verify.verify(value, issuer, resource=resource)
    return _verify_own(value, audience=expected)


def _verify_own(value: str, *, audience: str) -> Access:
    from oauth_provider.resource_server import own  # noqa: PLC0415  # as above

    access = own.verify(value)
    if audience not in access.audience:
        raise InvalidToken(
            "wrong_audience",
            detail=f"it is for {access.audience}, this is {audience}",
            about={"client_id": access.client_id, "subject": access.subject},
            compared={"sent": "\n".join(map(str, access.audience)), "expected": audience},
        )
    return access


def prove(request: HttpRequest, presented: Presented, access: Access) -> Access:
    """The access, once whoever sent a bound token has shown that they hold its key (RS7). Raises InvalidToken.

    A bound token is worth nothing as `Bearer` (DP3), one that is not bound is no DPoP token, and one that is bound in
    a way that is not understood here is refused.
    """
    try:
        return _prove(request, presented, access)
    except InvalidToken as error:
        error.about.update({"client_id": access.client_id, "subject": access.subject})
        raise


def _prove(request: HttpRequest, presented: Presented, access: Access) -> Access:
    if not access.confirmation:
        if presented.scheme == BEARER:
            return access
        raise InvalidToken("not_bound", detail="a token that is bound to no key came by the scheme DPoP")
    thumbprint: object = access.confirmation.get(_THUMBPRINT)
    if set(access.confirmation) != {_THUMBPRINT} or not isinstance(thumbprint, str):
        raise InvalidToken("binding", detail=f"bound by {sorted(access.confirmation)}, which is not understood here")
    if presented.scheme != DPOP:
        raise InvalidToken("bound", detail="a token that is bound to a key came by the scheme Bearer")
    # Rows are met only here, as above.
    from oauth_provider.sender_constraint import dpop  # noqa: PLC0415

    successor = dpop.check(request, token=presented.value, thumbprint=thumbprint)
    return replace(access, dpop_nonce=successor) if successor else access


def scheme_of(request: HttpRequest) -> str:
    """The scheme of the request's token, for the challenge; `Bearer` where it sent none that we know."""
    return SCHEMES.get(request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[0].lower(), BEARER)


def find_token(request: HttpRequest) -> str | None:
    """The bearer token in the Authorization header; None without one. Any other place is refused (RS1)."""
    presented = find_presented(request)
    return presented.value if presented is not None and presented.scheme == BEARER else None


def find_presented(request: HttpRequest) -> Presented | None:
    """The token in the Authorization header and its scheme; None without one. Any other place is refused (RS1)."""
    name, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    scheme = SCHEMES.get(name.lower())
    # RFC 9700 §4.3.2: an address ends up in logs and histories, so a token in it is not even looked at.
    if _PARAMETER in request.GET:
        raise MalformedToken("in_query" if scheme is None else "twice", detail="access_token in the query")
    if scheme is None:
        return None
    if _is_in_body(request):
        raise MalformedToken("twice", detail="access_token in header and body")
    value: str = rest.strip(" ")
    if not value:
        raise MalformedToken("empty")
    if len(value) > MAX_TOKEN_LENGTH:
        raise InvalidToken("malformed", detail="longer than any token of ours")
    # Servers join repeated headers with a comma.
    if "," in value or " " in value:
        raise MalformedToken("twice", detail="more than one value in the Authorization header")
    if not _TOKEN.fullmatch(value):
        raise InvalidToken("malformed", detail="characters that no token has")
    return Presented(scheme, value)


def _is_in_body(request: HttpRequest) -> bool:
    """Whether a form body carries a token too (RFC 6750 §2.2 knows this one media type)."""
    if request.content_type != _FORM:
        return False
    try:
        sent = request.POST if request.method == "POST" else QueryDict(request.body, encoding=request.encoding)
        return _PARAMETER in sent
    except RawPostDataException:
        # Somebody reads it as a stream; nobody takes a token from there.
        return False
    except ValueError as error:
        # Django's, of a Content-Length that is no number.
        raise MalformedToken("unreadable", detail=f"its body cannot be read: {error}") from error
