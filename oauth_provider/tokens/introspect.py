"""Introspection (RFC 7662): what a resource server of the token's audience may know, and nothing else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from oauth_provider import scopes, targets
from oauth_provider.conf import conf
from oauth_provider.tokens import actor
from oauth_provider.tokens.limited import CLAIM, targets_of
from oauth_provider.tokens.lookup import TokenNotLive, find_access_token

if TYPE_CHECKING:
    from oauth_provider.models import Client
    from oauth_provider.values import Source

logger = logging.getLogger("oauth_provider.introspect")

INACTIVE: dict[str, object] = {"active": False}


def introspect(value: str, *, caller: Client, source: Source) -> dict[str, object]:
    """The introspection response for an access token; `{"active": false}` for everything else (RFC 7662 §2.2)."""
    try:
        token = find_access_token(value)
    except TokenNotLive as error:
        logger.info("inactive for %s, request_id=%s: %s", caller.client_id, source.request_id, error.detail)
        return INACTIVE
    if not caller.introspects(token.audience):
        logger.warning(
            "inactive for %s, request_id=%s: it is no resource server of %s (resource_server_for is %s)",
            caller.client_id,
            source.request_id,
            token.audience,
            caller.resource_server_for,
        )
        return INACTIVE
    claims = token.claims or {}
    body: dict[str, object] = {
        "active": True,
        "scope": scopes.join(token.scopes),
        "client_id": token.client.client_id,
        "token_type": "Bearer",
        "iss": conf.ISSUER,
        "sub": token.subject,
        "aud": token.audience[0] if len(token.audience) == 1 else list(token.audience),
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
    if token.jti:
        body["jti"] = token.jti
    if "cnf" in claims:
        # RFC 9449 §6.2: whoever asks must demand the proof, and needs to know of which key.
        body |= {"cnf": claims["cnf"], "token_type": "DPoP"}
    if (acting := actor.actor_of(token)) is not None:
        # RFC 8693 §4.4.
        body[actor.CLAIM] = dict(acting)
    if token.auth_time is not None:
        body["auth_time"] = int(token.auth_time.timestamp())
    if details := targets.to_details(targets_of(token)):
        # RFC 9396 §9.2.
        body[CLAIM] = details
    return body
