"""The protected addresses these tests call, one for each way to protect one; ids for `parametrize`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import AllowAppsWithoutScope, HasScope, IsMachine, IsUser, OAuth2Authentication
from oauth_provider.resource_server.decorators import scope_required


def describe(access: Any) -> dict[str, Any]:
    return {
        "client": access.client_id,
        "first_party": access.client.first_party,
        "subject": access.subject,
        "issuer": access.issuer,
        "scopes": sorted(access.scopes),
        "roles": sorted(access.roles),
        "audience": list(access.audience),
        "is_machine": access.is_machine,
        "kind": access.kind,
        "user": access.user and access.user.get_username(),
        "acr": access.acr,
        "amr": list(access.amr),
        "auth_time": access.auth_time and int(access.auth_time.timestamp()),
        "actor": access.actor,
    }


class Notes(APIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes: Any = [HasScope("read")]

    def get(self, request: Any) -> Response:
        who = request.user
        powers = {"request_user": str(who), "is_staff": who.is_staff, "is_superuser": who.is_superuser}
        return Response(describe(request.auth) | powers)


class Anything(Notes):
    permission_classes = [AllowAppsWithoutScope]


class Person(Notes):
    permission_classes = [HasScope("read") & IsUser]


class Machine(Notes):
    permission_classes = [HasScope("read") & IsMachine]


class Files(Notes):
    resource = "https://files.example"


@scope_required("read")
def plain(request: Any) -> JsonResponse:
    return JsonResponse(describe(request.access))


@scope_required("read")
async def plain_async(request: Any) -> JsonResponse:
    return JsonResponse(describe(request.access))


@login_required
def page(request: Any) -> HttpResponse:
    return HttpResponse("private")


def with_middleware(request: Any) -> JsonResponse:
    return JsonResponse({"none": True} if request.access is None else describe(request.access))


urlpatterns = [
    path("notes", Notes.as_view()),
    path("anything", Anything.as_view()),
    path("person", Person.as_view()),
    path("machine", Machine.as_view()),
    path("files", Files.as_view()),
    path("plain", plain),
    path("plain-async", plain_async),
    path("middleware", with_middleware),
    path("page", page),
    path("admin/", admin.site.urls),
    path("management/", include("oauth_provider.api.urls")),
    path("", include("oauth_provider.urls")),
]
