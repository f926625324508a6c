"""The ID token (OpenID Connect Core §2): who signed in, when, for which client; never a bearer token."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from oauth_provider.conf import conf
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ID_TOKEN_ALG

if TYPE_CHECKING:
    from oauth_provider.values import Authorized


TYP = "JWT"


def mint(authorized: Authorized, *, access_token: str) -> str:
    """Return the signed ID token that goes with this access token."""
    claims = claims_of(authorized, half_hash=at_hash(access_token))
    return signing.sign(claims, alg=ID_TOKEN_ALG, typ=TYP)


def claims_of(authorized: Authorized, *, half_hash: str) -> dict[str, Any]:
    """What an ID token made now says; `half_hash` is the `at_hash` of the access token beside it."""
    now = signing.issued_now()
    claims: dict[str, Any] = {
        "iss": conf.ISSUER,
        "sub": authorized.subject,
        "aud": authorized.client.client_id,
        "iat": now,
        "exp": now + conf.ID_TOKEN_LIFETIME,
        "at_hash": half_hash,
    }
    if authorized.nonce:
        claims["nonce"] = authorized.nonce
    if authorized.auth_time is not None:
        claims["auth_time"] = int(authorized.auth_time.timestamp())
    return claims


def at_hash(access_token: str) -> str:
    """Left half of the SHA-256 of the access token (OpenID Connect Core §3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
