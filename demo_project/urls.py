"""The provider stands at the root: /authorize, /token and /api/user-profile are the real paths."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from demo_project import api_docs, pages

urlpatterns = [
    path("", pages.index, name="index"),
    path("", include("oauth_provider.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", api_docs.ApiSchema.as_view(), name="api-schema"),
    path("api/docs/", api_docs.ApiDocs.as_view(), name="api-docs"),
    path(api_docs.REDIRECT_PATH.removeprefix("/"), api_docs.oauth2_redirect, name="oauth2-redirect"),
    path("api/", include("demo_project.notes.urls")),
]
