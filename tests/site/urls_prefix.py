"""The provider under a prefix, the well-known documents at the root."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", lambda _: HttpResponse("The site"), name="front"),
    path("id/", include("oauth_provider.urls")),
    path("", include("oauth_provider.well_known")),
]
