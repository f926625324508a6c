"""Step 1 (RFC 8414, OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_project.tour.journey import Journey

_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k"}
_ENDPOINTS = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "revocation_endpoint": "/revoke",
    "introspection_endpoint": "/introspect",
    "device_authorization_endpoint": "/device_authorization",
    "jwks_uri": "/jwks",
}


def run(journey: Journey) -> None:
    """Read the metadata and the public keys."""
    check = journey.console.check
    journey.console.say("A client that knows only the issuer reads the rest:")
    answer = journey.get("/.well-known/oauth-authorization-server")
    check(answer.status == 200, "the metadata is there")
    metadata = answer.members
    check(metadata["issuer"] == journey.origin, f"the issuer is {journey.origin}, without a slash at the end")
    for name, path in _ENDPOINTS.items():
        check(metadata[name] == f"{journey.origin}{path}", f"{name} is {path}")
    check(metadata["response_types_supported"] == ["code"], "the only response type is code")
    check(metadata["code_challenge_methods_supported"] == ["S256"], "the only PKCE method is S256")
    check(metadata["authorization_response_iss_parameter_supported"] is True, "answers carry iss (RFC 9207)")
    check("password" not in metadata["grant_types_supported"], "no grant type takes a person's password")

    with journey.console.quietly("An OpenID client reads /.well-known/openid-configuration, which says the same:"):
        openid = journey.get("/.well-known/openid-configuration")
    check(openid.status == 200 and openid.members["issuer"] == metadata["issuer"], "it names the same issuer")
    check(openid.members["jwks_uri"] == metadata["jwks_uri"], "and the same keys")

    journey.console.say("The keys that signatures are checked with:")
    keys = journey.get("/jwks").members["keys"]
    check(keys and all(key.get("kid") for key in keys), "each key has a name")
    check(not any(_PRIVATE_MEMBERS & set(key) for key in keys), "none shows a private member")
