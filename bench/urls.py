"""The provider at the root and one view of Django REST framework that asks for a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope

if TYPE_CHECKING:
    from rest_framework.request import Request


class Api(APIView):
    """The least a protected view can do."""

    permission_classes = [HasScope("read")]

    def get(self, request: Request) -> Response:
        del request
        return Response({"ok": True})


urlpatterns = [path("api/", Api.as_view()), path("", include("oauth_provider.urls"))]
