"""The Ninja API of these tests beside the provider."""

from __future__ import annotations

from django.urls import include, path

from tests.conditions.test_ninja import urlpatterns as of_ninja

urlpatterns = [*of_ninja, path("", include("oauth_provider.urls"))]
