"""The API of these tests on a site that serves the metadata of its resources."""

from __future__ import annotations

from oauth_provider.resource_server.urls import urlpatterns as of_resources
from tests.resource_server.api import urlpatterns as of_api

urlpatterns = [*of_api, *of_resources]
