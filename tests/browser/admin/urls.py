"""The provider, the admin, and an API that asks for a scope."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope


class NotesView(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request: Any) -> Response:
        return Response({"app": request.auth.client.name})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/notes", NotesView.as_view()),
    path("", include("oauth_provider.urls")),
]
