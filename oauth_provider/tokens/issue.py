"""Issuing: what was authorized becomes a token response and an audit row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oauth_provider import scopes, signals, targets
from oauth_provider.conf import conf
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import AuditEvent, Client
from oauth_provider.tokens import id_token, jwt, lifetimes, opaque
from oauth_provider.tokens.limited import CLAIM
from oauth_provider.values import Event, GrantType, Source, TokenFormat

if TYPE_CHECKING:
    from oauth_provider.values import Authorized

_FORMATS = {TokenFormat.JWT.value: jwt.mint, TokenFormat.OPAQUE.value: opaque.mint}


def mint_access_token(authorized: Authorized, *, most: int | None = None) -> tuple[str, int]:
    """Return an access token and the seconds it lives; a JWT costs no statement, an opaque one one INSERT.

    `most`: seconds it lives at most, whatever the client's other tokens do.
    """
    lifetime = lifetimes.access_token_seconds(authorized.client, authorized.grant)
    lifetime = lifetime if most is None else min(lifetime, most)
    return _FORMATS[authorized.client.token_format](authorized, lifetime=lifetime), lifetime


def prepare(client: Client, *, grant_type: str) -> None:
    """Have at hand what an answer to this client is signed with, before a transaction opens; 0 statements when warm."""
    if client.token_format == TokenFormat.JWT:
        signing.prepare(ACCESS_TOKEN_ALG)
    if grant_type != GrantType.CLIENT_CREDENTIALS and client.allows_scopes([scopes.OPENID]):
        alg = id_token.alg_of(client)
        # Of one that is offered no more no key is made; `id_token.mint` refuses it.
        if alg in conf.ID_TOKEN_SIGNING_ALGS:
            signing.prepare(alg)


def issue(authorized: Authorized, *, grant_type: str, source: Source) -> dict[str, object]:
    """Return the token response (RFC 6749 §5.1); the audit row is the last statement."""
    access_token, lifetime = mint_access_token(authorized)
    body: dict[str, object] = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": lifetime,
        "scope": scopes.join(authorized.scopes),
    }
    if authorized.refresh_token is not None:
        body["refresh_token"] = authorized.refresh_token
    if details := targets.to_details(authorized.targets):
        # RFC 9396 §7: as granted, not as asked for.
        body[CLAIM] = details
    if authorized.with_id_token:
        body["id_token"] = id_token.mint(authorized, access_token=access_token)
    AuditEvent.objects.record(
        Event.TOKEN_ISSUED,
        client=authorized.client,
        user=authorized.user,
        grant=authorized.grant,
        source=source,
        detail={"grant_type": grant_type, "scopes": list(authorized.scopes), **authorized.audit},
    )
    if signals.token_issued.has_listeners(Client):
        transaction.on_commit(
            lambda: signals.token_issued.send_robust(
                Client, client=authorized.client, user=authorized.user, grant=authorized.grant, request=None
            )
        )
    return body
