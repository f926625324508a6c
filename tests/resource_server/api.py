"""The protected addresses these tests call: Django REST framework, plain Django, async, and the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views import View
from django.views.decorators.cache import cache_control
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope, IsUser, OAuth2Authentication
from oauth_provider.resource_server.decorators import ScopeRequiredMixin, scope_required


def describe(request: Any, access: Any) -> dict[str, Any]:
    return {
        "subject": access.subject,
        "scope": access.scope,
        "kind": access.kind,
        "is_machine": access.is_machine,
        "person": access.user and access.user.get_username(),
        "request_user": str(getattr(request, "user", None)),
        "method": request.method,
    }


class Notes(APIView):
    authentication_classes = [OAuth2Authentication, SessionAuthentication]
    permission_classes: Any = [HasScope("read")]
    parser_classes = [JSONParser, FormParser, MultiPartParser]

    def get(self, request: Any) -> Response:
        return Response(describe(request, request.auth))

    def post(self, request: Any) -> Response:
        return Response(describe(request, request.auth) | {"title": request.data.get("title")})

    put = post


class Deeper(Notes):
    def get(self, request: Any, rest: str) -> Response:
        return Response({"rest": rest})


class Profile(Notes):
    permission_classes = [HasScope("read") & IsUser]


class Shared(Notes):
    def get(self, request: Any) -> Response:
        return Response({}, headers={"Cache-Control": "max-age=60"})


@scope_required("read")
def plain(request: Any) -> JsonResponse:
    return JsonResponse(describe(request, request.access))


@scope_required("read", "write")
async def plain_async(request: Any) -> JsonResponse:
    return JsonResponse(describe(request, request.access))


@scope_required("read", resource="https://files.example")
def files(request: Any) -> JsonResponse:
    return JsonResponse({})


@cache_control(max_age=60)
@scope_required("read")
def plain_cached(request: Any) -> JsonResponse:
    return JsonResponse({}, headers={"Cache-Control": "max-age=60"})


class ClassBased(ScopeRequiredMixin, View):
    required_scopes = {"GET": ["read"], "POST": ["write"]}

    def get(self, request: Any) -> JsonResponse:
        return JsonResponse(describe(request, request.access))

    def post(self, request: Any) -> JsonResponse:
        return JsonResponse({})

    def delete(self, request: Any) -> JsonResponse:
        return JsonResponse({})


class ClassBasedAsync(ScopeRequiredMixin, View):
    required_scopes = ("read",)

    async def get(self, request: Any) -> JsonResponse:
        return JsonResponse(describe(request, request.access))


class Misconfigured(ScopeRequiredMixin, View):
    def get(self, request: Any) -> JsonResponse:
        return JsonResponse({})


def with_middleware(request: Any) -> JsonResponse:
    none = request.access is None
    return JsonResponse({"none": none, "user": str(request.user)} | ({} if none else describe(request, request.access)))


async def with_middleware_async(request: Any) -> JsonResponse:
    access = await request.aaccess()
    return JsonResponse({"none": access is None, "subject": access and access.subject})


def not_asking(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("notes", Notes.as_view()),
    path("notes/<path:rest>", Deeper.as_view()),
    path("profile", Profile.as_view()),
    path("shared", Shared.as_view()),
    path("plain", plain),
    path("plain-async", plain_async),
    path("plain-cached", plain_cached),
    path("files", files),
    path("class", ClassBased.as_view()),
    path("class-async", ClassBasedAsync.as_view()),
    path("misconfigured", Misconfigured.as_view()),
    path("middleware", with_middleware),
    path("middleware-async", with_middleware_async),
    path("not-asking", not_asking),
]
