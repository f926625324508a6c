"""A site that has grown: the provider under a prefix, sign-in pages of its own, two resources."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope


class Notes(APIView):
    permission_classes = [HasScope("read", "write")]
    resource = "https://provider.example/api"

    def get(self, request: Any) -> Response:
        return Response({"subject": request.auth.subject})


urlpatterns = [
    path("api/notes", Notes.as_view()),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html"), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("o/", include("oauth_provider.urls")),
    path("", include("oauth_provider.well_known")),
]
