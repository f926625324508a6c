"""Amazon Cognito user pools: no `aud` unless an app asks for a resource, scopes with the resource server's name."""

from __future__ import annotations

import re

from oauth_provider.resource_server.issuers.claims import Claims, names, text
from oauth_provider.resource_server.issuers.presets.preset import ID_TOKEN, Preset

_ISSUER = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9-]+_[A-Za-z0-9]+", re.ASCII)


def _object_to(claims: Claims, _typ: str) -> str:
    use = text(claims, "token_use")
    if use == "id":
        return ID_TOKEN
    return "" if use == "access" else f"its token_use is {use!r}, an access token's is 'access'"


def _object_to_issuer(issuer: str) -> str:
    if _ISSUER.fullmatch(issuer):
        return ""
    return "Cognito's issuers look like https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"


COGNITO = Preset(
    name="cognito",
    typ=("", "jwt", "at+jwt"),
    has_audience=False,
    roles=lambda claims: names(claims.get("cognito:groups")),
    is_machine=lambda claims: "username" not in claims,
    object_to=_object_to,
    object_to_issuer=_object_to_issuer,
    no_audience="Cognito access tokens have no `aud`; set `client_id` to the app clients whose tokens you accept",
)
