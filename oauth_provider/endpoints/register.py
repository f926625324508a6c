"""POST /register (RFC 7591) and GET|PUT|DELETE /register/<client_id> (RFC 7592): JSON in, JSON out."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from oauth_provider import features, limits
from oauth_provider.clients import configuration, dynamic, json_object, metadata, refusals
from oauth_provider.conf import conf
from oauth_provider.endpoint_urls import url_of
from oauth_provider.endpoints.base import check_length, json_response, protocol_endpoint
from oauth_provider.errors import (
    InvalidClientMetadata,
    InvalidRegistrationToken,
    InvalidRequest,
    InvalidToken,
    MalformedToken,
    MetadataTooLarge,
    MissingRegistrationToken,
    ProtocolError,
    RequestTooLarge,
    TooManyRegistrations,
)
from oauth_provider.resource_server import bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from oauth_provider.clients.dynamic import Registered
    from oauth_provider.values import Source


def _at_the_door(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make an endpoint that is there only while registration is switched on, and tells the operator of refusals."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @protocol_endpoint(*methods)
        def told(request: HttpRequest, source: Source, **named: str) -> HttpResponse:
            try:
                return view(request, source, **named)
            except MissingRegistrationToken:
                raise
            except ProtocolError as error:
                refusals.record(error, source=source, **named)
                raise

        @functools.wraps(told)
        def endpoint(request: HttpRequest, **named: str) -> HttpResponse:
            if not features.registers_clients():
                raise Http404
            return told(request, **named)

        return endpoint

    return decorate


@_at_the_door("POST")
def register(request: HttpRequest, source: Source) -> HttpResponse:
    """Register a client; with an initial access token where the site asks for one."""
    _count(request, source)
    token = _token_of(request)
    if token is None and not features.registers_anybody():
        raise MissingRegistrationToken("Registration needs an initial access token.")
    document = _read(request)
    made = dynamic.register(
        document,
        initial_access_token=token,
        key=request.headers.get("Idempotency-Key"),
        body=request.body,
        source=source,
    )
    return json_response(_answer(made), status=201)


@_at_the_door("GET", "PUT", "DELETE")
def client_configuration(request: HttpRequest, source: Source, *, client_id: str) -> HttpResponse:
    """Read, replace or end the registration of the client whose registration access token this is."""
    token = _token_of(request)
    if token is None:
        raise MissingRegistrationToken("This needs the registration access token.")
    client = configuration.find(client_id, token)
    if request.method == "PUT":
        _count(request, source)
        return json_response(_answer(configuration.replace(client, _read(request), token=token, source=source)))
    if request.method == "DELETE":
        configuration.delete(client, token=token, source=source)
        response = HttpResponse(status=204)
        response["Cache-Control"] = "no-store"
        return response
    return json_response(_answer(dynamic.Registered(client, token)))


def _count(request: HttpRequest, source: Source) -> None:
    """IS4: counted before anything is read or looked up, whatever becomes of it."""
    key = limits.of_address(f"registration {request.method}", source.address)
    if limits.count(key, window=limits.HOUR) > conf.REGISTRATIONS_PER_HOUR:
        raise TooManyRegistrations(
            "Too many registrations from this address; try later.", retry_after=limits.seconds_left(window=limits.HOUR)
        )


def _token_of(request: HttpRequest) -> str | None:
    try:
        return bearer.find_token(request)
    except MalformedToken as error:
        raise InvalidRequest("Send one token, in the Authorization header.", detail=error.detail) from error
    except InvalidToken as error:
        raise InvalidRegistrationToken("The token is not valid.", detail=error.detail) from error


def _read(request: HttpRequest) -> dict[str, Any]:
    """RFC 7591 §3.1: the document is the body, application/json."""
    if request.content_type != "application/json":
        raise InvalidClientMetadata("Send the metadata as application/json.")
    try:
        check_length(request)
    except RequestTooLarge as error:
        raise MetadataTooLarge("The document is too large.") from error
    return json_object.read(request.body)


def _answer(made: Registered) -> dict[str, object]:
    """RFC 7591 §3.2.1, RFC 7592 §3."""
    client = made.client
    return {
        "client_id": client.client_id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        # RFC 7591 §3.2.1: required with a secret; 0 means that it does not expire.
        **({"client_secret": made.secret, "client_secret_expires_at": 0} if made.secret else {}),
        "registration_access_token": made.registration_token,
        "registration_client_uri": url_of("client-configuration", client.client_id),
        **metadata.registered(client),
    }
