"""The provider with two protected views: one plain, one of Django REST framework."""

from __future__ import annotations

from django.http import JsonResponse
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope
from oauth_provider.resource_server.decorators import scope_required


@scope_required("read")
def plain(request):
    return JsonResponse({"sub": request.access.subject})


class Rest(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request):
        return Response({"sub": request.auth.subject})


urlpatterns = [
    path("plain", plain),
    path("rest", Rest.as_view()),
    path("", include("oauth_provider.urls")),
]
