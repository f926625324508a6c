"""The token endpoint's one path: client → grant allowed? → [transaction: grant → tokens → audit row]."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import refused, signals
from oauth_provider.client_auth.authenticate import authenticate
from oauth_provider.clients import allowed
from oauth_provider.errors import (
    AuthorizationPending,
    InvalidGrant,
    InvalidRequest,
    KeyUnavailable,
    NoSigningKey,
    ProtocolError,
    SlowDown,
    TemporarilyUnavailable,
    UnauthorizedClient,
)
from oauth_provider.grants import GRANTS
from oauth_provider.models import Client
from oauth_provider.models.retry import retried
from oauth_provider.tokens import issue
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.values import GrantType, TokenRequest

logger = logging.getLogger("oauth_provider.token")

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A response body, or the error that replaces it."""

    body: Mapping[str, object] = field(default_factory=dict, repr=False)
    error: ProtocolError | None = None


def run(request: TokenRequest, *, grant_type: GrantType) -> Answer:
    """Answer a token request of one grant type; raises ProtocolError before the transaction, never in it."""
    client = authenticate(request)
    try:
        check_grant_type(client, grant_type)
    except ProtocolError as error:
        _record_refusal(error, request=request, client=client, grant_type=grant_type)
        return Answer(error=error)
    issue.prepare(client, grant_type=grant_type)
    return _spend_and_issue(request, client=client, grant_type=grant_type)


def check_grant_type(client: Client, grant_type: str) -> None:
    """Raise UnauthorizedClient unless the client is registered for this grant type (RFC 6749 §5.2)."""
    if not allowed.allows_grant(client, grant_type):
        raise UnauthorizedClient(
            "This client may not use this grant type.",
            detail=f"registered are {client.grant_types}",
            rule="grant_type_not_registered",
            compared={"sent": str(grant_type), "registered": " ".join(client.grant_types)},
        )


@retried
def _spend_and_issue(request: TokenRequest, *, client: Client, grant_type: GrantType) -> Answer:
    with transaction.atomic():
        # Errors become an answer here, inside the transaction: a replay must revoke *and* be answered 400, so
        # nothing may be raised past the transaction that holds the revocation. Anything unexpected still is,
        # and rolls everything back.
        try:
            authorized = GRANTS[grant_type](request, client)
        except ProtocolError as error:
            _record_refusal(error, request=request, client=client, grant_type=grant_type)
            return Answer(error=error)
        try:
            return Answer(issue.issue(authorized, grant_type=grant_type, source=request.source))
        except KeyUnavailable as error:
            # Nothing is spent: what was sent is good again once there is a key.
            logger.critical("No token can be signed: %s", error)
            transaction.set_rollback(True)
            return Answer(error=_unsigned(error))


def _unsigned(error: KeyUnavailable) -> ProtocolError:
    """A lost SECRET_KEY is the operator's to mend; a signer that does not answer is worth another try."""
    told = "No token can be issued at present."
    if isinstance(error, NoSigningKey):
        return InvalidGrant(told, detail=str(error), rule="no_signing_key")
    return TemporarilyUnavailable(told, detail=str(error), rule="signer_unavailable", retry_after=RETRY_SECONDS)


def _record_refusal(error: ProtocolError, *, request: TokenRequest, client: Client, grant_type: GrantType) -> None:
    """Tell the operator; a polling device that waits is no refusal, malformed requests are rows within bounds."""
    if isinstance(error, AuthorizationPending | SlowDown):
        return
    logger.warning(
        "%s: grant_type=%s client_id=%s address=%s request_id=%s: %s",
        error.error,
        grant_type,
        client.client_id,
        request.source.address,
        request.source.request_id,
        refused.cause_of(error),
    )
    detail = {"grant_type": grant_type}
    if isinstance(error, InvalidRequest):
        refused.record_bounded(Event.TOKEN_REFUSED, error, client=client, source=request.source, detail=detail)
        return
    refused.record(Event.TOKEN_REFUSED, error, client=client, source=request.source, detail=detail)
    transaction.on_commit(
        lambda: signals.token_refused.send_robust(Client, client=client, user=None, grant=None, request=None)
    )
