"""The provider at the root, and the admin, as the quick start mounts them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("oauth_provider.urls")),
]
