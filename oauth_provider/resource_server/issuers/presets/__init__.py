"""How each vendor writes its access tokens: one file each, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oauth_provider.resource_server.issuers.presets.auth0 import AUTH0
from oauth_provider.resource_server.issuers.presets.cognito import COGNITO
from oauth_provider.resource_server.issuers.presets.keycloak import KEYCLOAK
from oauth_provider.resource_server.issuers.presets.okta import OKTA
from oauth_provider.resource_server.issuers.presets.openid import OPENID
from oauth_provider.resource_server.issuers.presets.preset import Preset

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (KEYCLOAK, AUTH0, OKTA, COGNITO, OPENID)}
)

__all__ = ["PRESETS", "Preset"]
