"""The provider stands at the root: /authorize, /token and /api/user-profile are the real paths."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from demo_project import pages

urlpatterns = [
    path("", pages.index, name="index"),
    path("", include("oauth_provider.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("demo_project.notes.urls")),
]
