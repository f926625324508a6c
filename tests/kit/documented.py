"""The site of docs/testing.md: the provider, and the API of the quick start."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope


class Notes(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request: Any) -> Response:
        return Response({"app": request.auth.client.name, "may": sorted(request.auth.scopes)})


urlpatterns = [path("api/notes", Notes.as_view()), path("", include("oauth_provider.urls"))]
