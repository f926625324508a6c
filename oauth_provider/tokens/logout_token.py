"""The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4): tells one client that a session of it is over."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from oauth_provider.conf import conf
from oauth_provider.errors import NoSigningKey
from oauth_provider.keys import signing
from oauth_provider.tokens import id_token

if TYPE_CHECKING:
    from oauth_provider.models import LogoutDelivery

# §2.4: explicit typing; no other token of ours is one (RFC 8725 §3.11).
TYP = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# §4: preferably two minutes at most. Each try signs another.
SECONDS = 120


def mint(delivery: LogoutDelivery) -> str:
    """Return a fresh token for this delivery, signed as the client's ID tokens are; raises KeyUnavailable."""
    client = delivery.client
    alg = id_token.alg_of(client)
    if alg not in conf.ID_TOKEN_SIGNING_ALGS:
        msg = f"{client.client_id} is registered for tokens in {alg}; ID_TOKEN_SIGNING_ALGS has it not."
        raise NoSigningKey(msg)
    now = signing.issued_now()
    # §2.4: a `nonce` must not be there, so that it is never taken for an ID token.
    claims: dict[str, Any] = {
        "iss": conf.ISSUER,
        "sub": delivery.sub,
        "aud": client.client_id,
        "iat": now,
        "exp": now + SECONDS,
        "jti": secrets.token_urlsafe(16),
        "events": {EVENT: {}},
        "sid": delivery.sid,
    }
    return signing.sign(claims, alg=alg, typ=TYP)
