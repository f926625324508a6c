"""Auth0: `aud` is the API's identifier, roles stand in a namespaced claim, `permissions` come from its RBAC."""

from __future__ import annotations

from oauth_provider.resource_server.issuers.claims import Claims, text
from oauth_provider.resource_server.issuers.presets.preset import Preset


def _is_machine(claims: Claims) -> bool:
    return claims.get("gty") == "client-credentials" or text(claims, "sub").endswith("@clients")


def _object_to_issuer(issuer: str) -> str:
    return "" if issuer.endswith("/") else "Auth0's issuers end with a slash"


AUTH0 = Preset(
    name="auth0",
    # Its own profile and the one of RFC 9068.
    typ=("jwt", "at+jwt"),
    permissions=True,
    is_machine=_is_machine,
    object_to_issuer=_object_to_issuer,
    opaque="Auth0 answers a token for its userinfo alone when an app asks without `audience`: let it send your API's",
)
