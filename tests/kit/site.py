"""A site whose owner runs the attack tests: the provider, the admin, and one view of an API."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.http import JsonResponse
from django.urls import include, path

from oauth_provider.resource_server.decorators import scope_required


@scope_required("read")
def notes(request: Any) -> JsonResponse:
    return JsonResponse({"subject": request.access.subject})


urlpatterns = [
    path("notes", notes),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("", include("oauth_provider.urls")),
]
