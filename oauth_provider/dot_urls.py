"""django-oauth-toolkit's paths with our views: `path("o/", include("oauth_provider.dot_urls"))`.

For clients that were configured for `/o/token/` and cannot be told to move; the names are ours.
"""

from __future__ import annotations

from django.urls import path

from oauth_provider.endpoints.authorize import authorize
from oauth_provider.endpoints.device import device
from oauth_provider.endpoints.device_authorization import device_authorization
from oauth_provider.endpoints.introspect import introspect
from oauth_provider.endpoints.jwks import jwks
from oauth_provider.endpoints.metadata import metadata
from oauth_provider.endpoints.revoke import revoke
from oauth_provider.endpoints.token import token
from oauth_provider.endpoints.userinfo import userinfo

app_name = "oauth_provider_dot"

urlpatterns = [
    path("authorize/", authorize, name="authorize"),
    path("token/", token, name="token"),
    path("revoke_token/", revoke, name="revoke-token"),
    path("introspect/", introspect, name="introspect"),
    path("userinfo/", userinfo, name="user-info"),
    path("device-authorization/", device_authorization, name="device-authorization"),
    path("device", device, name="device"),
    path(".well-known/jwks.json", jwks, name="jwks-info"),
    path(".well-known/openid-configuration", metadata, name="oidc-connect-discovery-info"),
]
