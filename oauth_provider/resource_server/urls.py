"""The metadata of this site's resources alone: for a site that protects an API and issues no tokens.

`oauth_provider.urls` and `oauth_provider.well_known` have it already. Belongs at the root (RFC 9728 §3.1).
"""

from __future__ import annotations

from django.urls import re_path

from oauth_provider.resource_server.metadata import protected_resource

urlpatterns = [
    re_path(
        r"^\.well-known/oauth-protected-resource(?:/(?P<path>[\w\-./~%]+?))?/?$",
        protected_resource,
        name="protected-resource",
    ),
]
