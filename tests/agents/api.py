"""An API that writes the admin's history, as a site's own does."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import JsonResponse
from django.urls import include, path
from django.views import View
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider import acting
from oauth_provider.drf import HasScope, IsSessionUser
from oauth_provider.models import AuditEvent
from oauth_provider.resource_server.decorators import ScopeRequiredMixin, scope_required
from oauth_provider.values import Event

FLAGS = {"add": ADDITION, "change": CHANGE, "delete": DELETION}


def write(request: Any) -> None:
    """As the query says: which action, how many rows, which message."""
    message = request.GET.get("message", "")
    LogEntry.objects.log_actions(
        user_id=get_user_model().objects.get(username="ada").pk,
        queryset=[Group.objects.create(name=uuid4().hex) for _ in range(int(request.GET.get("rows", 1)))],
        action_flag=FLAGS[request.GET.get("action", "change")],
        change_message=json.loads(message) if message.startswith("[") else message,
    )
    AuditEvent.objects.record(Event.CLIENT_CHANGED, client_id="another", actor="ada")


class Rest(APIView):
    permission_classes: Any = [HasScope("write") | IsSessionUser]

    def post(self, request: Any) -> Response:
        write(request)
        return Response({})


@scope_required("write")
def plain(request: Any) -> JsonResponse:
    write(request)
    return JsonResponse({"acting": request.access.acting, "actor": request.access.actor})


class ClassBased(ScopeRequiredMixin, View):
    required_scopes = ("write",)

    def post(self, request: Any) -> JsonResponse:
        write(request)
        return JsonResponse({})


@scope_required("write")
async def plain_async(request: Any) -> JsonResponse:
    await sync_to_async(write)(request)
    await asyncio.sleep(0)
    access = acting.current()
    assert access is not None
    return JsonResponse({"by": str(access.client)})


def with_middleware(request: Any) -> JsonResponse:
    if request.access is None or not request.access.has_scope("write"):
        return JsonResponse({}, status=403)
    write(request)
    return JsonResponse({})


def of_nobody(request: Any) -> JsonResponse:
    """No app has been let in here."""
    write(request)
    return JsonResponse({})


urlpatterns = [
    path("rest", Rest.as_view()),
    path("plain", plain),
    path("class", ClassBased.as_view()),
    path("plain-async", plain_async),
    path("middleware", with_middleware),
    path("nobody", of_nobody),
    path("", include("tests.urls")),
]
