"""Dynamic registration (RFC 7591): a client registers itself, within what this site lets it have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from oauth_provider import credentials, features, mcp, resources
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import idempotency, initial_access, metadata, policies, registration, sectors, unconfirmed
from oauth_provider.clients import mcp as of_mcp
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidClientMetadata, InvalidRegistrationToken, RegistrationRepeated
from oauth_provider.models import Client, InitialAccessToken
from oauth_provider.models.retry import retried
from oauth_provider.values import Profile, RegistrationSource, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from oauth_provider.clients.idempotency import Credentials
    from oauth_provider.clients.metadata import Wanted

# How long the same Idempotency-Key gets the same answer.
SAME_ANSWER = timedelta(minutes=10)
_ACTOR_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Registered:
    """A client with the credentials its answer carries; without a secret it is public, or was told before."""

    client: Client
    registration_token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


def register(
    document: Mapping[str, Any],
    *,
    initial_access_token: str | None = None,
    key: str | None = None,
    body: bytes = b"",
    source: Source = Source(),  # noqa: B008  # frozen
) -> Registered:
    """Register the client a document describes; raises ProtocolError, and nothing is written or spent then.

    Without an initial access token it is unconfirmed: it goes by itself unless a person allows it. With a `key`
    the same `body` from the same caller gets the same answer again for ten minutes.
    """
    if key is None:
        made = idempotency.random_credentials()
        return _register(document, made, initial_access_token=initial_access_token, source=source)
    caller = initial_access_token or f"address {source.address}"
    made = idempotency.derived_credentials(key, caller=caller, body=body)
    # Before the token is looked at: it may have had one use, which the lost answer spent.
    before = _registered_before(made)
    if before is not None:
        return before
    try:
        return _register(document, made, initial_access_token=initial_access_token, source=source)
    except (IntegrityError, InvalidRegistrationToken):
        # Sent twice at the same moment: the other one has the client id, or the last use of the token.
        before = _registered_before(made)
        if before is None:
            raise
        return before


def _register(
    document: Mapping[str, Any], made: Credentials, *, initial_access_token: str | None, source: Source
) -> Registered:
    token = None if initial_access_token is None else _live(initial_access_token)
    for_mcp = token is None and _comes_for_mcp(document)
    wanted = metadata.read(document, for_mcp=for_mcp)
    if wanted.profile == Profile.MACHINE and token is None:
        raise InvalidClientMetadata("client_credentials is registered with an initial access token only.")
    scopes = policies.narrowed(
        document,
        request=policies.RegistrationRequest(
            address=source.address,
            initial_access_token=None if token is None else token.note,
            owner=None if token is None else token.owner,
        ),
        scopes=_scopes(wanted, most=_known(token.scopes) if token and token.scopes else scopes_without_token())
        if not for_mcp
        else _scopes_for_mcp(wanted),
    )
    sectors.read_ahead(wanted.arguments.get(sectors.URI))
    if token is None:
        unconfirmed.make_room()
    try:
        return _store(wanted, made, scopes=scopes, token=token, for_mcp=for_mcp, source=source)
    except ValidationError as error:
        raise metadata.refusal_of(error) from error


def _comes_for_mcp(document: Mapping[str, Any]) -> bool:
    """Whether a client without a token is registered for the MCP resource alone: no document says so.

    Where anybody may register anyway it is, if it asks for more than everybody may have.
    """
    if not features.registers_for_mcp():
        return False
    if not features.registers_strangers():
        return True
    asked = document.get("scope")
    names = known_scopes.split(asked) if isinstance(asked, str) else ()
    return not set(names) - {known_scopes.OFFLINE_ACCESS} <= set(scopes_without_token())


def _live(value: str) -> InitialAccessToken:
    token = initial_access.find(value) if features.registers_with_token() else None
    if token is None:
        raise InvalidRegistrationToken("The initial access token is not valid.", detail="unknown, spent or ended")
    return token


def scopes_without_token() -> tuple[str, ...]:
    """The most a client may have that registers itself, unless its initial access token says otherwise."""
    return _known(conf.REGISTRATION_SCOPES or (known_scopes.OPENID, *conf.DEFAULT_SCOPES))


def _known(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name in known_scopes.registered()))


def _scopes(wanted: Wanted, *, most: tuple[str, ...]) -> tuple[str, ...]:
    if wanted.scopes is not None:
        return within(wanted.scopes, most=most)
    # A machine has no person to speak of.
    return tuple(name for name in most if name != known_scopes.OPENID or wanted.profile != Profile.MACHINE)


def _scopes_for_mcp(wanted: Wanted) -> tuple[str, ...]:
    """Every scope of MCP: an agent asks for more when it needs more (RFC 7591 §2: what it named may be replaced)."""
    most = known_scopes.of_mcp()
    within(wanted.scopes or (), most=most)
    return most


def within(asked: tuple[str, ...], *, most: Collection[str]) -> tuple[str, ...]:
    """The scopes asked for; raises InvalidClientMetadata where one is not among those that may be had."""
    # Understood and left out, as at /authorize: refresh tokens follow the grant types.
    names = [name for name in asked if name != known_scopes.OFFLINE_ACCESS or name in known_scopes.registered()]
    beyond = [name for name in names if name not in most]
    if beyond:
        raise InvalidClientMetadata(
            f"scope may hold: {known_scopes.join(most)[:200]}.", detail=f"it asks for {beyond} too"[:500]
        )
    return tuple(names)


@retried
def _store(
    wanted: Wanted,
    made: Credentials,
    *,
    scopes: tuple[str, ...],
    token: InitialAccessToken | None,
    for_mcp: bool,
    source: Source,
) -> Registered:
    arguments = dict(wanted.arguments)
    named = {name: arguments.pop(name) for name in ("redirect_uris", "auth_method", "origins") if name in arguments}
    with transaction.atomic():
        if token is not None and not InitialAccessToken.objects.spend(token.digest):
            raise InvalidRegistrationToken("The initial access token is not valid.", detail="spent or ended meanwhile")
        with translation.override("en"):
            client, secret = registration.register(
                name=wanted.name or made.client_id,
                profile=wanted.profile,
                scopes=scopes,
                # Whom its tokens are for is said by each request (RFC 8707); what they may do there, by the scopes.
                resources=_resources(for_mcp=for_mcp),
                default_scopes=of_mcp.default_scopes(wanted.scopes, scopes) if for_mcp else None,
                owners=[token.owner] if token is not None and token.owner is not None else (),
                client_id=made.client_id,
                secret=made.secret,
                source=RegistrationSource.DYNAMIC,
                actor="" if token is None else f"initial access token: {token.note}"[:_ACTOR_LENGTH],
                request_source=source,
                settings={
                    **arguments,
                    "registration_token_digest": credentials.digest(made.registration_token),
                },
                unconfirmed_until=unconfirmed.until() if token is None else None,
                **named,
            )
    return Registered(client, made.registration_token, secret)


def _resources(*, for_mcp: bool) -> tuple[str, ...]:
    agents = mcp.resource()
    if agents is None:
        return resources.of_site()
    # With the issuer beside it, it is not the only one: such a client is not held to MCP.
    return (agents,) if for_mcp else (*(resources.of_site() or (conf.ISSUER,)), agents)


def _registered_before(made: Credentials) -> Registered | None:
    """The client of a request that came before, to be answered again; raises RegistrationRepeated when it cannot."""
    client = Client.objects.named(made.client_id)
    if client is None:
        return None
    is_same = client.registration_token_digest == credentials.digest(made.registration_token)
    if not is_same or not client.is_active or timezone.now() - client.created_at > SAME_ANSWER:
        raise RegistrationRepeated(
            "This Idempotency-Key was used before: for another document, or too long ago.",
            detail=f"it made {made.client_id}",
        )
    return Registered(client, made.registration_token, None if client.is_public else made.secret)
