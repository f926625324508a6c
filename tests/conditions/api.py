"""One table of what views ask, and every door it is asked at: REST framework, plain Django, async, Django Ninja."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from typing import Any

from django.http import JsonResponse
from django.urls import path
from django.views import View
from ninja import NinjaAPI
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import (
    HasAcr,
    HasAnyScope,
    HasAudience,
    HasFreshLogin,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsUser,
)
from oauth_provider.ninja import OAuth2Auth
from oauth_provider.resource_server.decorators import ScopeRequiredMixin, scope_required

GOLD, SILVER = "urn:provider.example:gold", "urn:provider.example:silver"
ISSUER = "https://provider.example"


@dataclass(frozen=True)
class Asked:
    """Scopes and keywords as `scope_required` takes them, and the same as permission classes."""

    scopes: tuple[str, ...]
    keywords: dict[str, Any]
    permissions: tuple[Any, ...]


READ = HasScope("read")
TABLE = {
    "scope": Asked(("read",), {}, (READ,)),
    "two-scopes": Asked(("read", "write"), {}, (READ, HasScope("write"))),
    "any-scope": Asked(("read", "write"), {"any_of": True}, (HasAnyScope("read", "write"),)),
    "acr": Asked(("read",), {"acr": (GOLD, SILVER)}, (READ, HasAcr(GOLD, SILVER))),
    "fresh": Asked(("read",), {"max_age": timedelta(minutes=5)}, (READ, HasFreshLogin(max_age=timedelta(minutes=5)))),
    "fresh-seconds": Asked(("read",), {"max_age": 300}, (READ, HasFreshLogin(max_age=300))),
    "acr-fresh": Asked(("read",), {"acr": GOLD, "max_age": 300}, (READ, HasAcr(GOLD) & HasFreshLogin(max_age=300))),
    "targets": Asked(("orgs",), {"targets": "organization"}, (HasScope("orgs"), HasTargets("organization"))),
    "audience": Asked(("read",), {"audience": ISSUER}, (READ, HasAudience(ISSUER))),
    "other-audience": Asked(("read",), {"audience": "https://other.example"}, (READ, HasAudience("https://other.example"))),
    "user": Asked(("read",), {"only": "user"}, (READ, IsUser)),
    "machine": Asked(("read",), {"only": "machine"}, (READ, IsMachine)),
    "first-party": Asked(("read",), {"only": "first_party"}, (READ, IsFirstParty)),
    "everything": Asked(
        ("read", "write"),
        {"acr": GOLD, "max_age": 300, "targets": "organization", "only": ("user", "first_party")},
        (
            *(READ, HasScope("write"), HasAcr(GOLD), HasFreshLogin(max_age=300)),
            *(HasTargets("organization"), IsUser, IsFirstParty),
        ),
    ),
}  # fmt: skip


def describe(access: Any) -> dict[str, Any]:
    return {"client": access.client_id, "scope": access.scope}


class Rest(APIView):
    def get(self, request: Any) -> Response:
        return Response(describe(request.auth))


def rest(asked: Asked) -> Any:
    return type("Rest", (Rest,), {"permission_classes": list(asked.permissions)}).as_view()


def rest_combined(asked: Asked) -> Any:
    combined = reduce(lambda first, second: first & second, asked.permissions)
    return type("Rest", (Rest,), {"permission_classes": [combined]}).as_view()


def decorator(asked: Asked) -> Any:
    @scope_required(*asked.scopes, **asked.keywords)
    def view(request: Any) -> JsonResponse:
        return JsonResponse(describe(request.access))

    return view


def decorator_async(asked: Asked) -> Any:
    @scope_required(*asked.scopes, **asked.keywords)
    async def view(request: Any) -> JsonResponse:
        return JsonResponse(describe(request.access))

    return view


class ClassBased(ScopeRequiredMixin, View):
    def get(self, request: Any) -> JsonResponse:
        return JsonResponse(describe(request.access))


class ClassBasedAsync(ScopeRequiredMixin, View):
    async def get(self, request: Any) -> JsonResponse:
        return JsonResponse(describe(request.access))


def mixin(asked: Asked) -> Any:
    return type("Mixed", (ClassBased,), {"required_scopes": asked.scopes, **asked.keywords}).as_view()


def mixin_async(asked: Asked) -> Any:
    return type("Mixed", (ClassBasedAsync,), {"required_scopes": asked.scopes, **asked.keywords}).as_view()


DOORS = {
    "rest": rest,
    "rest-combined": rest_combined,
    "decorator": decorator,
    "decorator-async": decorator_async,
    "mixin": mixin,
    "mixin-async": mixin_async,
}

api = NinjaAPI(urls_namespace="conditions")


def _add(name: str, asked: Asked) -> None:
    auth = OAuth2Auth(*asked.scopes, **asked.keywords)

    @api.get(f"/ninja/{name}", auth=auth, url_name=f"ninja-{name}")
    def operation(request: Any) -> dict[str, Any]:
        return describe(request.auth)

    @api.get(f"/ninja-async/{name}", auth=auth, url_name=f"ninja-async-{name}")
    async def operation_async(request: Any) -> dict[str, Any]:
        return describe(request.auth)


for _name, _asked in TABLE.items():
    _add(_name, _asked)

ALL_DOORS = (*DOORS, "ninja", "ninja-async")

urlpatterns = [
    *(path(f"{door}/{name}", make(asked)) for door, make in DOORS.items() for name, asked in TABLE.items()),
    path("", api.urls),
]
