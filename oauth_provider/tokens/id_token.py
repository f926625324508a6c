"""The ID token (OpenID Connect Core §2): who signed in, when, for which client; never a bearer token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider import scopes as known_scopes
from oauth_provider.claims import groups, registry, requested
from oauth_provider.conf import conf
from oauth_provider.errors import NoSigningKey
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ID_TOKEN_ALG, half_hash

if TYPE_CHECKING:
    from oauth_provider.models import Client, Grant
    from oauth_provider.values import Authorized


TYP = "JWT"


def alg_of(client: Client) -> str:
    """What this client's ID tokens are signed with (OpenID Connect Registration §2)."""
    return client.id_token_signed_response_alg or ID_TOKEN_ALG


def mint(authorized: Authorized, *, access_token: str | None, code: str | None = None, tells_all: bool = False) -> str:
    """Return the signed ID token that goes with this access token, and with this code where both come from the front.

    `tells_all`: what the scopes tell stands in it, as there is no userinfo to ask.

    Raises KeyUnavailable, NoSigningKey for a client whose algorithm the site offers no more: what another one signed
    the client would refuse.
    """
    alg = alg_of(authorized.client)
    if alg not in conf.ID_TOKEN_SIGNING_ALGS:
        msg = f"{authorized.client.client_id} is registered for ID tokens in {alg}; ID_TOKEN_SIGNING_ALGS has it not."
        raise NoSigningKey(msg)
    claims = claims_of(
        authorized,
        half_hash="" if access_token is None else half_hash(access_token, alg=alg),
        c_hash="" if code is None else half_hash(code, alg=alg),
        tells_all=tells_all,
    )
    return signing.sign(claims, alg=alg, typ=TYP)


def claims_of(authorized: Authorized, *, half_hash: str, c_hash: str = "", tells_all: bool = False) -> dict[str, Any]:
    """What an ID token made now says; `half_hash` is the `at_hash` of the access token beside it, `c_hash` the code's.

    Claims about the person belong to userinfo (OpenID Connect Core §5.4); here stand those that the `claims`
    parameter asked for here, and what the scopes give for a client that is set so.
    """
    now, client = signing.issued_now(), authorized.client
    claims: dict[str, Any] = {
        **_about_person(authorized, with_scopes=tells_all or client.claims_in_id_token),
        "iss": conf.ISSUER,
        "sub": authorized.subject,
        "aud": client.client_id,
        "iat": now,
        "exp": now + conf.ID_TOKEN_LIFETIME,
        **({"at_hash": half_hash} if half_hash else {}),
        **({"c_hash": c_hash} if c_hash else {}),
    }
    if authorized.nonce:
        claims["nonce"] = authorized.nonce
    if authorized.auth_time is not None:
        claims["auth_time"] = int(authorized.auth_time.timestamp())
    return {**claims, **_about_sign_in(authorized.grant)}


def _about_sign_in(grant: Grant | None) -> dict[str, Any]:
    """OpenID Connect Core §2: `acr`, `amr`; OpenID Connect Front-Channel Logout §3: `sid`. Nothing empty."""
    told = {} if grant is None else {"acr": grant.acr, "amr": list(grant.amr), "sid": grant.sid}
    return {name: value for name, value in told.items() if value}


def _about_person(authorized: Authorized, *, with_scopes: bool) -> dict[str, Any]:
    asked = requested.load({} if authorized.grant is None else authorized.grant.claims).id_token
    if authorized.user is None or not (asked or with_scopes):
        return {}
    scopes = known_scopes.expand(authorized.scopes) if with_scopes else ()
    told = registry.of(authorized.user, client=authorized.client, scopes=scopes, asked=asked)
    return {name: value for name, value in told.items() if name != groups.NAME or groups.fits(value)}
