"""The same site after it included our URLs."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("oauth_provider.urls"))]
