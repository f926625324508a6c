"""Any issuer that writes access tokens as RFC 9068 says, or that is asked about them (RFC 7662)."""

from __future__ import annotations

from oauth_provider.resource_server.issuers.claims import Claims, names, text
from oauth_provider.resource_server.issuers.presets.preset import Preset, client_id_claim


def _is_machine(claims: Claims) -> bool:
    """RFC 9068 §2.2: of a client that acts for itself `sub` is the client; introspection may say no `sub` then."""
    subject = text(claims, "sub")
    return subject == client_id_claim(claims) if subject else "username" not in claims


OPENID = Preset(
    name="openid",
    typ=("at+jwt",),
    # RFC 9068 §2.2.3.1.
    roles=lambda claims: names(claims.get("roles")),
    is_machine=_is_machine,
)
