"""The client configuration endpoint's work (RFC 7592): a client reads, replaces or ends its own registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from oauth_provider import credentials
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import change, dynamic, known, mcp, metadata, policies, sectors, status, validation
from oauth_provider.clients.dynamic import Registered
from oauth_provider.credentials import Kind
from oauth_provider.errors import AccessDenied, InvalidClientMetadata, InvalidRegistrationToken
from oauth_provider.models import Client, ClientSecret
from oauth_provider.models.retry import retried
from oauth_provider.values import ClientStatus, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ACTOR = "registration access token"
# RFC 7592 §2.2: what the server alone says of a registration.
_OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


def find(client_id: str, token: str) -> Client:
    """The client whose registration access token this is; raises InvalidRegistrationToken or AccessDenied.

    One wording and one statement for a client that never was, that is gone, and for the token of another (C60).
    """
    client = None
    if credentials.is_kind(token, Kind.REGISTRATION_ACCESS_TOKEN):
        client = Client.objects.with_registration_token(client_id, credentials.digest(token))
    if client is None or client.status == ClientStatus.ARCHIVED:
        raise _not_valid("no such client, or the token of another, or one that was replaced")
    if not client.is_active:
        # RFC 7592 §2.1: a client that may not read its registration is told 403.
        raise AccessDenied("The client is suspended.", status_code=403)
    return client


def replace(client: Client, document: Mapping[str, Any], *, token: str, source: Source) -> Registered:
    """Make the registration what the document says, and replace the token; raises ProtocolError, nothing changed then.

    Members that are left out are deleted; only `scope` stays as it is. Scopes can be given up, not gained.
    """
    _check_credentials(client, document)
    wanted = metadata.read(document, client=client, for_mcp=mcp.is_held(client))
    before = tuple(client.allowed_scopes)
    scopes = before if wanted.scopes is None else dynamic.within(wanted.scopes, most=_most_scopes(client))
    request = policies.RegistrationRequest(address=source.address, client_id=client.client_id)
    scopes = policies.narrowed(document, request=request, scopes=scopes)
    arguments = {**wanted.arguments, "name": wanted.name or client.client_id}
    if scopes != before:
        arguments |= {"scopes": scopes, **change.within(client, scopes)}
    sectors.read_ahead(wanted.arguments.get(sectors.URI))
    try:
        return _write(client, arguments, token=token, source=source)
    except ValidationError as error:
        raise metadata.refusal_of(error) from error


def _most_scopes(client: Client) -> Collection[str]:
    return known_scopes.registered() if validation.EVERY in client.allowed_scopes else client.allowed_scopes


def _check_credentials(client: Client, document: Mapping[str, Any]) -> None:
    """RFC 7592 §2.2: `client_id` and the secret are named, never chosen."""
    if document.get("client_id") != client.client_id:
        raise InvalidClientMetadata("client_id must be the one of this registration.")
    if ours := [name for name in _OURS if name in document]:
        raise InvalidClientMetadata(f"Leave out: {', '.join(ours)}.")
    secret = document.get("client_secret")
    if secret is None:
        return
    digests = ClientSecret.objects.live(client).values_list("digest", flat=True)
    if not isinstance(secret, str) or credentials.digest(secret) not in set(digests):
        raise InvalidClientMetadata("client_secret is not the client's; a client cannot choose it.")


@retried
def _write(client: Client, arguments: Mapping[str, Any], *, token: str, source: Source) -> Registered:
    successor = credentials.make(Kind.REGISTRATION_ACCESS_TOKEN)
    with transaction.atomic():
        # The UPDATE decides between two requests with the same token (C60); everything else rolls back with it.
        if not client.replace_registration_token(credentials.digest(token), by=credentials.digest(successor)):
            raise _not_valid("replaced meanwhile")
        with translation.override("en"):
            # Nobody has vouched for an unconfirmed client yet, so nothing is told of it.
            change.change(client, actor=ACTOR, source=source, is_told=client.unconfirmed_until is None, **arguments)
    return Registered(client, successor)


@retried
def delete(client: Client, *, token: str, source: Source) -> None:
    """End the registration; raises InvalidRegistrationToken when another request did so first.

    A client that somebody allowed is archived: what it was given ends, its history stays (RFC 7592 §2.3). One that
    nobody has allowed yet is erased.
    """
    with transaction.atomic():
        if not client.replace_registration_token(credentials.digest(token), by=""):
            raise _not_valid("ended meanwhile")
        # Read behind the UPDATE, which waits for a person who is allowing the client at this moment.
        client.refresh_from_db(fields=["unconfirmed_until"])
        if client.unconfirmed_until is not None:
            client.erase()
            transaction.on_commit(known.forget)
        else:
            status.archive(client, actor=ACTOR, source=source)


def _not_valid(detail: str) -> InvalidRegistrationToken:
    return InvalidRegistrationToken("The registration access token is not valid.", detail=detail)
