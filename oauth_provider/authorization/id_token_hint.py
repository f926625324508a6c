"""`id_token_hint`: an ID token of ours that says who is expected (OpenID Connect Core §3.1.2.1).

An expired one counts, and one signed by a key that signs no more: it is a hint about a person, not a credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.errors import InvalidRequest
from oauth_provider.keys import signing
from oauth_provider.tokens import id_token

if TYPE_CHECKING:
    from oauth_provider.models import Client


def subject_of(hint: str, client: Client) -> str:
    """The `sub` it names; raises InvalidRequest for what is no ID token that we gave this client."""
    try:
        claims = signing.verify(hint, typ=id_token.TYP.lower(), audience=(client.client_id,), allow_expired=True)
    except signing.NotVerified as error:
        raise InvalidRequest(
            "id_token_hint is not an ID token that this provider gave this app.",
            detail=str(error),
            rule="id_token_hint_foreign",
        ) from error
    return str(claims["sub"])
