"""The provider at the root, and the management API where the documentation mounts it."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("oauth/api/", include("oauth_provider.api.urls")),
    path("", include("oauth_provider.urls")),
]
