"""A site with every sort of view. Each answers 200 and says who came, if anybody is let in at all."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_page, never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import ListView, TemplateView
from ninja import NinjaAPI
from oauth2_provider.contrib.rest_framework import (
    IsAuthenticatedOrTokenHasScope,
    TokenHasReadWriteScope,
    TokenHasScope,
    TokenMatchesOASRequirements,
)
from rest_framework import generics, permissions, serializers, viewsets
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action, api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from oauth_provider.drf import (
    AllowAppsWithoutScope,
    HasAnyScope,
    HasAudience,
    HasResourceScope,
    HasScope,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
)
from oauth_provider.drf.permissions import AppPermission, ScopePermission
from oauth_provider.ninja import OAuth2Auth
from oauth_provider.resource_server import requirement
from oauth_provider.resource_server.decorators import ScopeRequiredMixin, scope_required

S = HasScope


def answer(request: Any) -> JsonResponse:
    return JsonResponse({"user": str(getattr(request, "user", ""))})


# ── Plain Django ──────────────────────────────────────────────────────────────────────────────────────────


def function(request: Any) -> HttpResponse:
    return answer(request)


@scope_required("read")
def scoped(request: Any) -> HttpResponse:
    return answer(request)


@scope_required("read")
async def scoped_async(request: Any) -> HttpResponse:
    return answer(request)


@never_cache
@cache_page(1)
@require_http_methods(["GET", "POST"])
@scope_required("read", "write")
def scoped_inside(request: Any) -> HttpResponse:
    return answer(request)


@scope_required("read")
@scope_required("write")
def scoped_twice(request: Any) -> HttpResponse:
    return answer(request)


@login_required
@scope_required("read")
def scoped_behind_login(request: Any) -> HttpResponse:
    return answer(request)


@scope_required("read")
@permission_required("auth.view_user", raise_exception=True)
def scoped_before_permission(request: Any) -> HttpResponse:
    return answer(request)


def forgetful(view: Any) -> Any:
    """A decorator without functools.wraps."""

    def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs)

    return inner


class Callable:
    """As Django's feeds are."""

    def __call__(self, request: Any) -> HttpResponse:
        return answer(request)


class Page(TemplateView):
    template_name = "oauth_provider/signed_out.html"


class People(ListView):
    model = User
    template_name = "oauth_provider/signed_out.html"


class ScopedPage(ScopeRequiredMixin, View):
    required_scopes = {"GET": ["read"], "POST": ["read", "write"]}

    def get(self, request: Any) -> HttpResponse:
        return answer(request)

    post = put = get


class ScopedPageGiven(ScopeRequiredMixin, View):
    def get(self, request: Any) -> HttpResponse:
        return answer(request)


class ScopedPageBehindLogin(LoginRequiredMixin, ScopeRequiredMixin, View):
    required_scopes = ["read"]

    def get(self, request: Any) -> HttpResponse:
        return answer(request)


@method_decorator(login_required, name="dispatch")
class ScopedPageDecorated(ScopeRequiredMixin, View):
    required_scopes = ["read"]

    def get(self, request: Any) -> HttpResponse:
        return answer(request)


# ── Django REST framework ─────────────────────────────────────────────────────────────────────────────────


class GetAndPost(APIView):
    def get(self, request: Any) -> Response:
        return Response({"user": str(request.user)})

    def post(self, request: Any) -> Response:
        return Response({"user": str(request.user)})


class GetOnly(APIView):
    def get(self, request: Any) -> Response:
        return Response({"user": str(request.user)})


def drf(*permissions_: Any, base: Any = GetOnly, **attributes: Any) -> Any:
    return type("Made", (base,), {"permission_classes": list(permissions_), **attributes}).as_view()


class Mapped(GetAndPost):
    permission_classes = [HasScope & IsUser]
    required_scopes = {"GET": ["read"]}


class ByMethod(GetAndPost):
    def get_permissions(self) -> list[Any]:
        return [S("write")] if self.request.method == "POST" else [permissions.AllowAny()]


class Failing(GetOnly):
    def get_permissions(self) -> list[Any]:
        return [S(self.kwargs["scope"])]


class AsksDatabase(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return User.objects.filter(pk=0).exists()


class OverriddenCheck(GetOnly):
    permission_classes = [S("read")]

    def check_permissions(self, request: Any) -> None:
        return


class Silent(permissions.BasePermission):
    """Leaves the framework's answer, which is yes."""


class WorkingHours(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return True


class Fresh(ScopePermission):
    """As a site, or a later version of this package, would write one: a scope and something more."""

    def __init__(self, scope: str, max_age: int) -> None:
        self.wanted = requirement.all_of([scope])
        self.max_age = max_age

    def requirement(self, request: Any, view: Any) -> Any:
        return self.wanted

    def has_permission(self, request: Any, view: Any) -> bool:
        return super().has_permission(request, view)


class Opens(AppPermission):
    opens_the_gate = True

    def has_permission(self, request: Any, view: Any) -> bool:
        return getattr(request, "auth", None) is not None


class ByHead(GetOnly):
    permission_classes = [HasScope]
    required_scopes = {"GET": ["read"], "HEAD": ["a"]}


class OpenDescription(viewsets.ViewSet):
    def list(self, request: Any) -> Response:
        return Response([])

    def get_permissions(self) -> list[Any]:
        return [permissions.AllowAny()] if self.action == "metadata" else [S("read")]


class PersonSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["pk"]


class PeopleList(generics.ListAPIView[User]):
    queryset = User.objects.all()
    serializer_class = PersonSerializer
    permission_classes = [HasResourceScope("notes")]


class ModelPermissions(generics.ListAPIView[User]):
    queryset = User.objects.all()
    serializer_class = PersonSerializer
    permission_classes = [S("read") & permissions.DjangoModelPermissionsOrAnonReadOnly]


class NotesSet(viewsets.ViewSet):
    permission_classes = [HasScope]
    required_scopes = {"list": ["read"], "create": ["write"], "shared": ["a"]}

    def list(self, request: Any) -> Response:
        return Response([])

    def create(self, request: Any) -> Response:
        return Response({})

    def destroy(self, request: Any, pk: str) -> Response:
        return Response({})

    def retrieve(self, request: Any, pk: str) -> Response:
        return Response({})

    def get_permissions(self) -> list[Any]:
        return [S("b")] if self.action == "retrieve" else super().get_permissions()

    @action(detail=False)
    def shared(self, request: Any) -> Response:
        return Response({})

    @action(detail=True, methods=["get", "post"], permission_classes=[permissions.AllowAny])
    def public(self, request: Any, pk: str) -> Response:
        return Response({})


@api_view(["GET", "POST"])
@permission_classes([S("read")])
def api_function(request: Any) -> Response:
    return Response({})


@api_view(["GET"])
@authentication_classes([SessionAuthentication])
@permission_classes([permissions.AllowAny])
def api_function_of_sessions(request: Any) -> Response:
    return Response({})


# ── Django Ninja ──────────────────────────────────────────────────────────────────────────────────────────


ninja = NinjaAPI(urls_namespace="routes-of-ninja", docs_url=None, openapi_url=None)


@ninja.get("/open")
def ninja_open(request: Any) -> Any:
    return {}


@ninja.get("/read", auth=OAuth2Auth("read"))
def ninja_read(request: Any) -> Any:
    return {}


@ninja.post("/read", auth=[OAuth2Auth("write", max_age=300), OAuth2Auth("a", "b")])
def ninja_write(request: Any) -> Any:
    return {}


@ninja.get("/session", auth=lambda _: None)
def ninja_session(request: Any) -> Any:
    return {}


ninja_closed = NinjaAPI(
    urls_namespace="closed-routes-of-ninja", docs_url=None, openapi_url=None, auth=OAuth2Auth("write")
)


@ninja_closed.get("/inherited")
def ninja_inherited(request: Any) -> Any:
    return {}


@ninja_closed.get("/decorated", auth=None)
@scope_required("read")
def ninja_decorated(request: Any) -> Any:
    return answer(request)


router = DefaultRouter(use_regex_path=True)
router.include_root_view = False
router.include_format_suffixes = False
router.register("notes", NotesSet, basename="notes")

_drf = [
    path("scope", drf(S("read"))),
    path("any-scope", drf(HasAnyScope("read", "write"))),
    path("both", drf(S("a") & S("b"))),
    path("either", drf(S("a") | S("b", "c"))),
    path("list", drf(S("a"), S("b"))),
    path("nested", drf((S("a") | S("b")) & S("c"))),
    path("or-session", drf(S("read") | IsSessionUser)),
    path("or-anonymous", drf(S("read") | permissions.IsAuthenticatedOrReadOnly)),
    path("user", drf(S("read") & IsUser)),
    path("machine", drf(S("read") & IsMachine)),
    path("first-party", drf(S("read") & IsFirstParty)),
    path("audience", drf(S("read") & HasAudience("https://provider.example"))),
    path("hours", drf(S("read"), WorkingHours)),
    path("staff", drf(S("read"), permissions.IsAdminUser)),
    path("fresh", drf(Fresh("read", max_age=300))),
    path("opens", drf(Opens)),
    path("any-app", drf(AllowAppsWithoutScope)),
    path("any-app-of-users", drf(AllowAppsWithoutScope & IsUser)),
    path("allow-any", drf(permissions.AllowAny)),
    path("silent", drf(Silent)),
    path("nothing", drf()),
    path("authenticated", drf(permissions.IsAuthenticated)),
    path("authenticated-or-scope", drf(permissions.IsAuthenticated | S("x"))),
    path("not-scope", drf(~S("x"))),
    path("not-machine", drf(S("read") & ~IsMachine)),
    path("session-only", drf(IsSessionUser)),
    path("read-only", drf(permissions.IsAuthenticatedOrReadOnly, base=GetAndPost)),
    path("other-authentication", drf(permissions.IsAuthenticated, authentication_classes=[SessionAuthentication])),
    path("other-authentication-open", drf(permissions.AllowAny, authentication_classes=[])),
    path("misconfigured", drf(HasScope)),
    path("resource", drf(HasResourceScope("notes"), base=GetAndPost)),
    path("mapped", Mapped.as_view()),
    path("by-method", ByMethod.as_view()),
    path("failing/<str:scope>", Failing.as_view()),
    path("overridden-check", OverriddenCheck.as_view()),
    path("people", PeopleList.as_view()),
    path("model-permissions", ModelPermissions.as_view()),
    path("function", api_function),
    path("function-of-sessions", api_function_of_sessions),
    path("by-head", ByHead.as_view()),
    path("open-description", OpenDescription.as_view({"get": "list"})),
    path("decorated", scope_required("a")(drf(S("read")))),
    path("decorated-open", scope_required("a")(drf(permissions.AllowAny, authentication_classes=[]))),
    path("decorated-closed", scope_required("a")(drf(permissions.AllowAny))),
    path("wrapped", forgetful(drf(S("read")))),
    path("cached", cache_page(1)(drf(S("read")))),
    path("behind-login", login_required(drf(S("read")))),
    path("given", GetOnly.as_view(permission_classes=[S("write")])),
    path("dot-scope", drf(TokenHasScope, required_scopes=["read"])),
    path("dot-or-user", drf(IsAuthenticatedOrTokenHasScope, required_scopes=["read"])),
    path("dot-read-write", drf(TokenHasReadWriteScope, required_scopes=["a"], base=GetAndPost)),
    path(
        "dot-alternatives",
        drf(TokenMatchesOASRequirements, required_alternate_scopes={"GET": [["a"], ["b", "c"]]}),
    ),
    path("dot-misconfigured", drf(TokenHasScope)),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("oauth_provider.urls")),
    path("manage/", include("oauth_provider.api.urls")),
    path("function", function),
    path("partial", partial(function)),
    path("callable", Callable()),
    path("page", Page.as_view()),
    re_path(r"^people/(?P<page>\d+)/$", People.as_view()),
    path("scoped", scoped),
    path("scoped-async", scoped_async),
    path("scoped-inside", scoped_inside),
    path("scoped-forgetful", forgetful(scoped)),
    path("scoped-partial", partial(scoped)),
    path("scoped-twice", scoped_twice),
    path("scoped-behind-login", scoped_behind_login),
    path("scoped-before-permission", scoped_before_permission),
    path("scoped-page", ScopedPage.as_view()),
    path("scoped-page-given", ScopedPageGiven.as_view(required_scopes=["write"])),
    path("scoped-page-cached", cache_page(1)(ScopedPageGiven.as_view(required_scopes=["write"]))),
    path("scoped-page-misconfigured", ScopedPageGiven.as_view()),
    path("scoped-page-behind-login", ScopedPageBehindLogin.as_view()),
    path("scoped-page-decorated", ScopedPageDecorated.as_view()),
    path("drf/", include(_drf)),
    path("asks-database", drf(AsksDatabase)),
    path("nested/", include([path("again/", include((router.urls, "notes-again")))])),
    path("ninja/", ninja.urls),
    path("ninja-closed/", ninja_closed.urls),
]
