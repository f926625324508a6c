"""What every endpoint does with HTTP: read a form once, say where it came from, answer JSON, never cache."""

from __future__ import annotations

import functools
import json
import logging
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from oauth_provider import credentials, refused, rules
from oauth_provider.client_auth.authenticate import claimed
from oauth_provider.conf import conf
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.errors import (
    AuthenticationFailed,
    InvalidClient,
    InvalidRegistrationToken,
    InvalidRequest,
    KeyUnavailable,
    MissingRegistrationToken,
    ProtocolError,
    RequestTooLarge,
    TemporarilyUnavailable,
    Unreadable,
    printable,
)
from oauth_provider.resource_server.challenges import Door, challenge
from oauth_provider.server.reading import MAX_BYTES, Parameters, read_parameters
from oauth_provider.values import Event, Source, TokenRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest

logger = logging.getLogger("oauth_provider.issuer")
refusals_log = logging.getLogger("oauth_provider.token")

FORM = "application/x-www-form-urlencoded"
MAX_AUTHORIZATION = 4096
# After which it is worth asking again where nothing could be signed.
RETRY_SECONDS = 5
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def source_of(request: HttpRequest) -> Source:
    """Address, user agent and a new request id; the address only from proxies the site trusts."""
    _tell_of_other_host(request.get_host(), urlsplit(conf.ISSUER).netloc)
    return Source(
        address=_address_of(request)[:45],
        user_agent=_UNPRINTABLE.sub("?", request.headers.get("User-Agent", ""))[:255],
        request_id=str(uuid.uuid4()),
    )


@functools.lru_cache(maxsize=64)
def _tell_of_other_host(host: str, issuer_host: str) -> None:
    """One line for each host and process: the answer names the issuer all the same (C19, C63)."""
    if host.lower() != issuer_host.lower():
        logger.warning("a request came to the host %s; the issuer's is %s and stays it", host, issuer_host)


def _address_of(request: HttpRequest) -> str:
    """The peer, or what the outermost trusted proxy says of its peer: never what a client wrote itself."""
    proxies = conf.TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return _UNPRINTABLE.sub("?", hops[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def read_query(request: HttpRequest) -> Parameters:
    """The parameters of the query; raises InvalidRequest or RequestTooLarge."""
    # Servers hand over bytes as latin-1 (WSGI) or decode them as UTF-8 (ASGI); what is not ASCII is refused anyway.
    return read_parameters(request.META.get("QUERY_STRING", "").encode("utf-8", "surrogatepass"))


def read_form(request: HttpRequest) -> Parameters:
    """The parameters of a form body; raises InvalidRequest or RequestTooLarge before reading too much."""
    if request.content_type != FORM:
        raise InvalidRequest(
            f"Send the parameters as {FORM}.",
            rule="content_type",
            compared={"sent": request.content_type or "", "expected": FORM},
        )
    check_length(request)
    return read_parameters(request.body)


def check_length(request: HttpRequest) -> None:
    """Raise InvalidRequest or RequestTooLarge for a body that announces no length or one longer than any of ours."""
    try:
        announced = int(request.headers.get("Content-Length") or 0)
    except ValueError as error:
        raise Unreadable("Content-Length cannot be read.", rule="not_encoded") from error
    if announced > MAX_BYTES:
        raise RequestTooLarge("The request is too large.", rule="too_large")


def read_token_request(request: HttpRequest, source: Source) -> TokenRequest:
    """The request of a client that authenticates; duplicates are refused (RFC 6749 §3.2; AS26)."""
    if request.META.get("QUERY_STRING"):
        # RFC 6749 §2.3.1, §3.2: parameters go in the body, where they are not logged.
        raise InvalidRequest("Send the parameters in the request body, not in the URL.", rule="parameters_in_url")
    parameters = read_form(request)
    if parameters.doubled:
        raise InvalidRequest(
            f"Sent more than once: {', '.join(sorted(parameters.doubled))[:200]}.", rule="parameter_repeated"
        )
    authorization = request.headers.get("Authorization")
    if authorization is not None and len(authorization) > MAX_AUTHORIZATION:
        raise InvalidClient("The Authorization header is too long.", rule="authorization_header")
    return TokenRequest(
        params=parameters.values,
        resources=parameters.resources,
        authorization=authorization,
        origin=request.headers.get("Origin"),
        source=source,
    )


def json_response(body: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """A JSON answer that no cache keeps (RFC 6749 §5.1; AS30)."""
    response = HttpResponse(json.dumps(body).encode(), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def error_response(error: ProtocolError, *, source: Source) -> HttpResponse:
    """The error as the specification writes it; with DEBUG the description says what only the operator may know."""
    body = error.as_dict()
    if settings.DEBUG:
        body["error_description"] = printable(_told_developer(error))
    response = json_response(body, status=error.status_code)
    response["X-Request-Id"] = source.request_id
    if isinstance(error, InvalidRegistrationToken):
        response["WWW-Authenticate"] = challenge(
            Door(realm="registration"), error="" if isinstance(error, MissingRegistrationToken) else error.error
        )
    if isinstance(error, InvalidClient):
        # RFC 6749 §5.2: a challenge for the scheme the client may use.
        response["WWW-Authenticate"] = 'Basic realm="oauth", charset="UTF-8"'
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _told_developer(error: ProtocolError) -> str:
    """Cause, rule, both values and fix in one line, in English as the protocol's answers are."""
    with translation.override("en"):
        rule = rules.find(error.rule, error=error.error)
        told = [error.detail]
        if rule is not None:
            told.append(f"Rule: {rule.sentence}" + (f" ({rule.source})" if rule.source else ""))
        told.extend(f"{name}: {value.replace(chr(10), ' ')}" for name, value in error.compared.items())
        if rule is not None:
            told.append(f"Fix: {rule.fix}")
        return " | ".join(told)


def protocol_endpoint(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make an endpoint for programs, not pages: no session, no outer transaction, ProtocolError answered here."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @transaction.non_atomic_requests
        @hides_values
        @functools.wraps(view)
        def endpoint(request: HttpRequest, **named: Any) -> HttpResponse:
            source = source_of(request)
            if request.method not in methods:
                error = InvalidRequest(f"Use {' or '.join(methods)}.", status_code=405, rule="not_post")
                _record_refusal(error, asked=None, source=source, endpoint=view.__name__)
                response = error_response(error, source=source)
                response["Allow"] = ", ".join(methods)
                return response
            try:
                return view(request, source, **named)
            except ProtocolError as error:
                return error_response(error, source=source)
            except KeyUnavailable as error:
                return error_response(_unsigned(error, endpoint=view.__name__), source=source)

        return endpoint

    return decorate


def _unsigned(error: KeyUnavailable, *, endpoint: str) -> TemporarilyUnavailable:
    """Whatever the endpoint is, somebody who asks again later may get an answer; the operator is told why not now."""
    logger.critical("Nothing can be signed at %s: %s", endpoint, error)
    return TemporarilyUnavailable(
        "This cannot be answered at present.", detail=str(error), rule="signer_unavailable", retry_after=RETRY_SECONDS
    )


def client_endpoint(view: Callable[[TokenRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Make an endpoint where a client authenticates by POST: form in, JSON out."""

    @protocol_endpoint("POST")
    @functools.wraps(view)
    def endpoint(request: HttpRequest, source: Source, **named: Any) -> HttpResponse:
        del named
        asked = None
        try:
            asked = read_token_request(request, source)
            return view(asked)
        except ProtocolError as error:
            _record_refusal(error, asked=asked, source=source, endpoint=view.__name__)
            raise

    return endpoint


def _record_refusal(error: ProtocolError, *, asked: TokenRequest | None, source: Source, endpoint: str) -> None:
    """Tell the operator of a request that never reached a grant; anybody can send such, so rows are bounded."""
    if isinstance(error, AuthenticationFailed):
        return
    client_id = claimed(asked) if asked is not None else ""
    refusals_log.warning(
        "%s: client_id=%r endpoint=%s address=%s request_id=%s: %s",
        error.error,
        credentials.mask(client_id)[:100],
        endpoint,
        source.address,
        source.request_id,
        refused.cause_of(error),
    )
    event = Event.CLIENT_AUTHENTICATION_FAILED if isinstance(error, InvalidClient) else Event.TOKEN_REFUSED
    refused.record_bounded(event, error, client_id=client_id, source=source, detail={"endpoint": endpoint})
