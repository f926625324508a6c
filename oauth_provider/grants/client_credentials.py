"""`client_credentials`: a machine speaks for itself; no person, no refresh token (RFC 6749 §4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.clients import allowed, authorization_details
from oauth_provider.errors import UnauthorizedClient
from oauth_provider.values import Authorized

if TYPE_CHECKING:
    from oauth_provider.models import Client
    from oauth_provider.values import TokenRequest


def authorize(request: TokenRequest, client: Client) -> Authorized:
    """What a machine may have: its own scopes, with itself as the subject (RFC 9068 §2.2; AS17)."""
    if client.is_public:
        # RFC 6749 §4.4: this grant must only be used by confidential clients.
        raise UnauthorizedClient("This grant is for clients with a secret.", rule="client_credentials_need_secret")
    if not client.is_approved:
        raise UnauthorizedClient(
            "This client is not approved yet.",
            detail=f"the client is {client.status}",
            rule="client_not_approved",
            compared={"status": client.status},
        )
    authorization_details.refuse(request.get(authorization_details.PARAMETER))
    return Authorized(
        client=client,
        scopes=allowed.grantable_scopes(client, request.get("scope"), for_person=False),
        audience=allowed.audience(client, request.resources),
        subject=client.client_id,
    )
