"""The ID token (OpenID Connect Core §2): who signed in, when, for which client; never a bearer token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.conf import conf
from oauth_provider.errors import NoSigningKey
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ID_TOKEN_ALG, half_hash

if TYPE_CHECKING:
    from oauth_provider.models import Client
    from oauth_provider.values import Authorized


TYP = "JWT"


def alg_of(client: Client) -> str:
    """What this client's ID tokens are signed with (OpenID Connect Registration §2)."""
    return getattr(client, "id_token_signed_response_alg", "") or ID_TOKEN_ALG


def mint(authorized: Authorized, *, access_token: str) -> str:
    """Return the signed ID token that goes with this access token.

    Raises KeyUnavailable, NoSigningKey for a client whose algorithm the site offers no more: what another one signed
    the client would refuse.
    """
    alg = alg_of(authorized.client)
    if alg not in conf.ID_TOKEN_SIGNING_ALGS:
        msg = f"{authorized.client.client_id} is registered for ID tokens in {alg}; ID_TOKEN_SIGNING_ALGS has it not."
        raise NoSigningKey(msg)
    claims = claims_of(authorized, half_hash=half_hash(access_token, alg=alg))
    return signing.sign(claims, alg=alg, typ=TYP)


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
