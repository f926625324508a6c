"""The provider, the admin, and two protected views: one plain, one of Django REST framework."""

from __future__ import annotations

from django.contrib import admin
from django.http import JsonResponse
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope, IsMachine
from oauth_provider.resource_server.decorators import scope_required


@scope_required("write")
def plain(request):
    return JsonResponse({"sub": request.access.subject})


class Rest(APIView):
    permission_classes = [HasScope("write")]

    def get(self, request):
        return Response({"sub": request.auth.subject})


class ForMachines(APIView):
    permission_classes = [HasScope("read") & IsMachine]

    def get(self, request):
        return Response({})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("plain", plain),
    path("rest", Rest.as_view()),
    path("machines", ForMachines.as_view()),
    path("", include("oauth_provider.urls")),
]
