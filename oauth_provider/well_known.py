"""The well-known documents; include this at the root too when the provider is mounted under a prefix.

No `app_name`: inside `oauth_provider.urls` the names stand in its namespace.
RFC 8414 §3.1 puts the issuer's path behind the well-known part, OpenID Connect Discovery §4 before it.
"""

from __future__ import annotations

from django.urls import re_path

from oauth_provider.endpoints.metadata import metadata
from oauth_provider.resource_server.urls import urlpatterns as of_resources

urlpatterns = [
    re_path(r"^\.well-known/openid-configuration/?$", metadata, name="openid-configuration"),
    re_path(r"^\.well-known/oauth-authorization-server/?$", metadata, name="authorization-server"),
    re_path(r"^\.well-known/(?:openid-configuration|oauth-authorization-server)/(?P<path>[\w\-./~]+?)/?$", metadata),
    *of_resources,
]
