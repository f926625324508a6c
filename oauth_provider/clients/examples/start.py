"""What every example is rendered from: one value, so that they cannot contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oauth_provider import scopes as known_scopes
from oauth_provider.conf import conf
from oauth_provider.values import AuthMethod, GrantType, Profile

if TYPE_CHECKING:
    from oauth_provider.models import Client

_EVERY = "*"

Flow = Literal["code", "device", "client_credentials"]
Authentication = Literal["basic", "post", "none"]


@dataclass(frozen=True, slots=True)
class Start:
    """How a client gets its first token. It names the variables of `.env` and holds no secret."""

    flow: Flow
    authentication: Authentication
    client_id: str
    scope: str
    redirect_uri: str
    issuer: str
    in_browser: bool

    @property
    def authorize(self) -> str:
        """The authorization endpoint."""
        return f"{self.issuer}/authorize"

    @property
    def token(self) -> str:
        """The token endpoint."""
        return f"{self.issuer}/token"

    @property
    def device_authorization(self) -> str:
        """The device authorization endpoint."""
        return f"{self.issuer}/device_authorization"


def of(client: Client) -> Start:
    """How this client starts."""
    flow = _flow(client)
    # A machine has no person for `openid` to speak of.
    left_out = {_EVERY, known_scopes.OPENID} if flow == "client_credentials" else {_EVERY}
    scopes = [scope for scope in (client.default_scopes or client.allowed_scopes) if scope not in left_out]
    return Start(
        flow=flow,
        authentication=_authentication(client),
        client_id=client.client_id,
        scope=known_scopes.join(scopes),
        redirect_uri=client.redirect_uris[0] if client.redirect_uris else "",
        issuer=conf.ISSUER,
        in_browser=client.profile == Profile.SPA,
    )


def _flow(client: Client) -> Flow:
    if client.allows_grant(GrantType.AUTHORIZATION_CODE) and client.redirect_uris:
        return "code"
    if client.allows_grant(GrantType.DEVICE_CODE) and not client.allows_grant(GrantType.CLIENT_CREDENTIALS):
        return "device"
    return "client_credentials"


def _authentication(client: Client) -> Authentication:
    if client.is_public:
        return "none"
    return "post" if client.auth_method == AuthMethod.CLIENT_SECRET_POST else "basic"
