"""A site whose people sign in with django-allauth."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("oauth_provider.urls")),
]
