"""JWT access tokens (RFC 9068): no row; `grant_id` names the grant that can end them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from oauth_provider import scopes, targets
from oauth_provider.conf import conf
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.tokens import actor
from oauth_provider.tokens.limited import CLAIM
from oauth_provider.tokens.lookup import ACCESS_TOKEN_TYP

if TYPE_CHECKING:
    from oauth_provider.values import Authorized


def mint(authorized: Authorized, *, lifetime: int) -> str:
    """Return a signed access token that lives so many seconds (RFC 9068 §2.2)."""
    return signing.sign(claims_of(authorized, lifetime=lifetime), alg=ACCESS_TOKEN_ALG, typ=ACCESS_TOKEN_TYP)


def claims_of(authorized: Authorized, *, lifetime: int) -> dict[str, Any]:
    """What an access token made now says; `jti` is another each time."""
    now = signing.issued_now()
    audience = authorized.audience
    claims: dict[str, Any] = {
        "iss": conf.ISSUER,
        "sub": authorized.subject,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "client_id": authorized.client.client_id,
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_urlsafe(16),
        "scope": scopes.join(authorized.scopes),
    }
    if authorized.auth_time is not None:
        claims["auth_time"] = int(authorized.auth_time.timestamp())
    if authorized.grant is not None:
        claims["grant_id"] = str(authorized.grant.pk)
        # RFC 9068 §2.2.1: how the person signed in, for resource servers that ask for more (RFC 9470).
        if authorized.grant.acr:
            claims["acr"] = authorized.grant.acr
        if authorized.grant.amr:
            claims["amr"] = list(authorized.grant.amr)
    if (acting := actor.claim_of(authorized.client, authorized.grant)) is not None:
        claims[actor.CLAIM] = acting
    if details := targets.to_details(authorized.targets):
        claims[CLAIM] = details
    return claims
