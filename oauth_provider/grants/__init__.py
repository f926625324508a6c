"""What may they have? One grant per file; the table holds only what is served, and no grant knows another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.grants import authorization_code, client_credentials, device_code, refresh_token
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oauth_provider.models import Client
    from oauth_provider.values import Authorized, TokenRequest

GRANTS: Mapping[GrantType, Callable[[TokenRequest, Client], Authorized]] = {
    GrantType.AUTHORIZATION_CODE: authorization_code.authorize,
    GrantType.REFRESH_TOKEN: refresh_token.authorize,
    GrantType.CLIENT_CREDENTIALS: client_credentials.authorize,
    GrantType.DEVICE_CODE: device_code.authorize,
}
