"""A site with an API and pages of its own beside the provider."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", include("oauth_provider.urls")),
    path("api/notes", lambda _: HttpResponse("notes")),
]
