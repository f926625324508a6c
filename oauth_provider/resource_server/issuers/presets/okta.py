"""Okta, custom authorization servers: scopes in the list `scp`, the app in `cid`, the person in `uid`."""

from __future__ import annotations

from urllib.parse import urlsplit

from oauth_provider.resource_server.issuers.claims import Claims, names, text
from oauth_provider.resource_server.issuers.presets.preset import ID_TOKEN, Preset, looks_like_id_token

_ORG = (
    "Okta's org authorization server issues tokens for Okta only; use a custom one "
    "(like https://you.okta.com/oauth2/default)"
)


def _client_id(claims: Claims) -> str:
    # `client_id` is its name in an introspection response.
    return text(claims, "cid", "client_id")


def _scopes(claims: Claims) -> tuple[str, ...]:
    return names(claims.get("scp", claims.get("scope")))


def _object_to(claims: Claims, typ: str) -> str:
    if not _client_id(claims):
        return f"it has no cid: {ID_TOKEN}"
    return looks_like_id_token(claims, typ)


def _object_to_issuer(issuer: str) -> str:
    return "" if urlsplit(issuer).path.startswith("/oauth2/") else _ORG


OKTA = Preset(
    name="okta",
    # None is what custom authorization servers write; `okta-internal-at+jwt` is of the org's, which is not for us.
    typ=("", "jwt", "at+jwt"),
    client_id=_client_id,
    scopes=_scopes,
    is_machine=lambda claims: "uid" not in claims,
    object_to=_object_to,
    object_to_issuer=_object_to_issuer,
    wrong_audience="the audience is set at the authorization server in Okta (Security, API, Settings)",
)
