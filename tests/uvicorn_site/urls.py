"""The same view four ways, and one that asks for nothing: what a handler costs by itself."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from django.urls import path
from ninja import NinjaAPI
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope
from oauth_provider.ninja import OAuth2Auth
from oauth_provider.resource_server.decorators import scope_required

api = NinjaAPI(urls_namespace="uvicorn")


async def bare(request: Any, status: int = 200) -> JsonResponse:
    return JsonResponse({}, status=status)


def bare_sync(request: Any, status: int = 200) -> JsonResponse:
    return JsonResponse({}, status=status)


@scope_required("read")
async def protected(request: Any) -> JsonResponse:
    return JsonResponse({"client": request.access.client_id})


@scope_required("read")
def protected_sync(request: Any) -> JsonResponse:
    return JsonResponse({"client": request.access.client_id})


class Rest(APIView):
    permission_classes = [HasScope("read")]

    def get(self, request: Any) -> Response:
        return Response({"client": request.auth.client_id})


@api.get("/ninja", auth=OAuth2Auth("read"))
async def ninja(request: Any) -> dict[str, Any]:
    return {"client": request.auth.client_id}


urlpatterns = [
    path("bare/<int:status>", bare),
    path("bare-sync/<int:status>", bare_sync),
    path("protected", protected),
    path("protected-sync", protected_sync),
    path("rest", Rest.as_view()),
    path("", api.urls),
]
