"""The table "HasScope, case by case": one test per cell, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action, api_view, authentication_classes, permission_classes
from rest_framework.permissions import (
    AllowAny,
    DjangoModelPermissions,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
)
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

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
    OAuth2Authentication,
)
from oauth_provider.models import Client
from oauth_provider.testing import as_app

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns: list[Any] = []


class Notes(APIView):
    authentication_classes = [OAuth2Authentication, SessionAuthentication]

    def get(self, request: Any) -> Response:
        access = request.auth
        return Response(
            {
                "user": str(request.user),
                "user_class": type(request.user).__name__,
                "client": access and access.client.name,
                "access_in_request": getattr(request, "access", None) is access,
            }
        )

    def post(self, request: Any) -> Response:
        return Response({"data": request.data})

    def delete(self, request: Any) -> Response:
        return Response({})


def mount(route: str, *permissions: Any, **attributes: Any) -> str:
    kind = type("View", (Notes,), {"permission_classes": list(permissions), **attributes})
    urlpatterns.append(path(route, kind.as_view()))
    return f"/{route}"


READ = mount("read", HasScope("read"))
A_AND_B = mount("a-and-b", HasScope("a") & HasScope("b"))
TWO_AT_ONCE = mount("two", HasScope("a", "b"))
LISTED = mount("listed", HasScope("a"), HasScope("b"))


# ── token with the scope · without · no token ───────────────────────────────────────────────────────────────


def test_token_with_the_scope_gets_200(app: Any) -> None:
    response = app("read").get(READ)
    assert response.status_code == 200
    assert response.json() == {
        "user": "ada",
        "user_class": "User",
        "client": "Test app",
        "access_in_request": True,
    }


def test_token_with_a_scope_that_implies_it_gets_200(app: Any) -> None:
    assert app("super_notes").get(mount("implied", HasScope("notes:read"))).status_code == 200


def test_token_without_the_scope_gets_403_insufficient_scope(app: Any) -> None:
    response = app("write").get(READ)
    assert response.status_code == 403
    assert response.json() == {
        "detail": "This needs the permission 'read'.",
        "code": "insufficient_scope",
        "required": ["read"],
        "granted": ["write"],
    }
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_scope", scope="read"'


@pytest.mark.parametrize("address", [A_AND_B, TWO_AT_ONCE, LISTED])
def test_403_names_all_missing_scopes_at_once(app: Any, address: str) -> None:
    response = app("c").get(address)
    assert response.status_code == 403
    assert response.json()["detail"] == "This needs the permissions 'a', 'b'."
    assert response.json()["required"] == ["a", "b"]
    assert 'scope="a b"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("address", [A_AND_B, TWO_AT_ONCE, LISTED])
def test_403_names_only_what_is_missing_and_requires_what_is_enough(app: Any, address: str) -> None:
    body = app("a").get(address).json()
    assert body["detail"] == "This needs the permission 'b'."
    assert body["required"] == ["a", "b"]


def test_no_token_gets_401_with_a_challenge_without_error_that_names_the_scope(client: Any) -> None:
    response = client.get(READ)
    assert response.status_code == 401
    bearer, _, dpop = response.headers["WWW-Authenticate"].partition(", DPoP ")
    assert bearer == 'Bearer realm="api", scope="read"'
    assert dpop.startswith('realm="api", algs="ES256 ')
    assert "error" not in response.headers["WWW-Authenticate"]


# ── signed-in session user, no token ────────────────────────────────────────────────────────────────────────


def test_session_user_is_refused_by_has_scope(client: Any, ada: Any) -> None:
    client.force_login(ada)
    response = client.get(READ)
    assert response.status_code == 403
    assert response.json() == {"detail": "This needs an app with an access token."}


def test_session_superuser_is_refused_by_has_scope(client: Any, boss: Any) -> None:
    client.force_login(boss)
    assert client.get(READ).status_code == 403


@pytest.mark.parametrize("permission", [HasScope("read") | IsSessionUser, IsSessionUser | HasScope("read")])
def test_session_user_enters_by_explicit_is_session_user(app: Any, client: Any, ada: Any, permission: Any) -> None:
    address = mount(f"session-{id(permission)}", permission)
    assert client.get(address).status_code == 401
    assert app("write").get(address).status_code == 403
    assert app("read").get(address).status_code == 200
    client.force_login(ada)
    assert client.get(address).status_code == 200
    # The token decides even beside a session.
    assert app("write").get(address).status_code == 403


def test_app_is_never_a_session_user(app: Any) -> None:
    address = mount("session-only", IsSessionUser)
    assert app("read").get(address).status_code == 403


# ── HasScope not called and no required_scopes; empty requirement ───────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "permission", "attributes"),
    [
        ("not-called", HasScope, {}),
        ("called-empty", HasScope(), {}),
        ("list-empty", HasScope, {"required_scopes": []}),
        ("map-empty", HasScope, {"required_scopes": {}}),
        ("entry-empty", HasScope, {"required_scopes": {"GET": []}}),
        ("none", HasScope, {"required_scopes": None}),
        ("any-not-called", HasAnyScope, {}),
        ("resource-not-called", HasResourceScope, {}),
        ("beside", IsAuthenticated & HasScope(), {}),
    ],
)
def test_missing_or_empty_requirement_is_improperly_configured(
    app: Any, client: Any, name: str, permission: Any, attributes: Any
) -> None:
    address = mount(f"misconfigured-{name}", permission, **attributes)
    with pytest.raises(ImproperlyConfigured):
        app("read").get(address)
    if name != "beside":
        with pytest.raises(ImproperlyConfigured):
            client.get(address)


@pytest.mark.parametrize("scopes", [("",), ("read write",), (" read",), (5,)])
def test_a_name_that_is_no_scope_is_improperly_configured(scopes: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        HasScope(*scopes)


@pytest.mark.parametrize("make", [HasAnyScope, HasResourceScope, HasAudience])
def test_permission_without_arguments_is_improperly_configured(make: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        make()


# ── a token enters only where a scope requirement was evaluated and held ────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "permissions"),
    [
        ("authenticated-or-scope", [IsAuthenticated | HasScope("x")]),
        ("scope-or-authenticated", [HasScope("x") | IsAuthenticated]),
        ("authenticated-or-read-only", [IsAuthenticatedOrReadOnly]),
        ("not-scope", [~HasScope("x")]),
        ("not-not-scope", [~~HasScope("x")]),
        ("not-scope-or", [~HasScope("x") | HasScope("x")]),
        ("allow-any", [AllowAny]),
        ("allow-any-or-scope", [AllowAny | HasScope("x")]),
        ("none", []),
        ("authenticated", [IsAuthenticated]),
        ("is-user", [IsUser]),
        ("is-user-or-scope", [IsUser | HasScope("x")]),
        ("audience", [HasAudience("https://provider.example")]),
        ("held-but-not-allowed", [(HasScope("read") & IsAdminUser) | IsAuthenticated]),
        ("held-elsewhere", [(HasScope("read") & IsMachine) | (HasScope("x") & IsUser) | AllowAny]),
        ("session", [IsSessionUser | IsAuthenticated]),
    ],
)
def test_token_lacking_x_is_refused_whatever_else_would_allow(app: Any, name: str, permissions: list[Any]) -> None:
    address = mount(f"rule-{name}", *permissions)
    response = app("read").get(address)
    assert response.status_code == 403, response.content


def test_allow_any_stays_open_without_a_token(client: Any) -> None:
    assert client.get(mount("open", AllowAny)).status_code == 200
    assert client.get(mount("read-only", IsAuthenticatedOrReadOnly)).status_code == 200


def test_403_of_a_view_without_scopes_says_that_apps_may_not(app: Any, caplog: Any) -> None:
    response = app("read").get(mount("scopeless", IsAuthenticated))
    assert response.json() == {
        "detail": "Apps may not do this here.",
        "code": "insufficient_scope",
        "required": [],
        "granted": ["read"],
    }
    assert "asks for no scope" in caplog.text


def test_403_of_a_composed_view_names_the_scope_that_would_do(app: Any) -> None:
    body = app("read").get(mount("named", IsAuthenticated | HasScope("x"))).json()
    assert body["required"] == ["x"]


@pytest.mark.parametrize(
    "permission",
    [
        IsAuthenticated | HasScope("x"),
        HasScope("x") | IsAuthenticated,
        AllowAny | HasScope("x"),
        ~HasScope("a") & HasScope("x"),
    ],
)
def test_token_with_x_enters_the_same_compositions(app: Any, permission: Any) -> None:
    assert app("x").get(mount(f"with-x-{id(permission)}", permission)).status_code == 200


def test_allow_apps_without_scope_is_the_named_exception(app: Any, client: Any, ada: Any) -> None:
    address = mount("exception", AllowAppsWithoutScope)
    assert app("").get(address).status_code == 200
    assert client.get(address).status_code == 401
    client.force_login(ada)
    assert client.get(address).status_code == 403


def test_allow_apps_without_scope_widens_nothing_beside_it(app: Any) -> None:
    assert app("read").get(mount("exception-and", AllowAppsWithoutScope, HasScope("x"))).status_code == 403
    assert app("read").get(mount("exception-not", ~AllowAppsWithoutScope | IsAuthenticated)).status_code == 403


class Lazy(Notes):
    """A view that authenticates only when somebody asks, as the framework's documentation shows."""

    permission_classes: Any = [AllowAny]
    ran: list[str] = []

    def perform_authentication(self, request: Any) -> None:
        pass

    def get(self, request: Any) -> Response:
        name = str(request.user)
        self.ran.append(name)
        return Response({"user": name})


class OwnCheck(Notes):
    def check_permissions(self, request: Any) -> None:
        """Whatever it does, it cannot let in more."""


def test_view_with_lazy_authentication_is_gated_too(app: Any) -> None:
    Lazy.ran.clear()
    urlpatterns.append(path("lazy", Lazy.as_view()))
    urlpatterns.append(path("lazy-x", type("LazyX", (Lazy,), {"permission_classes": [HasScope("x")]}).as_view()))
    assert app("read").get("/lazy").status_code == 403
    assert app("read").get("/lazy-x").status_code == 403
    assert Lazy.ran == []
    assert app("x").get("/lazy-x").json() == {"user": "ada"}


def test_view_that_overrides_check_permissions_is_gated_too(app: Any) -> None:
    urlpatterns.append(path("own", type("Own", (OwnCheck,), {"permission_classes": [HasScope("x")]}).as_view()))
    assert app("read").get("/own").status_code == 403
    assert app("x").get("/own").status_code == 200


def test_function_view_is_gated_too(app: Any) -> None:
    def protected(*permissions: Any) -> Any:
        @api_view(["GET"])
        @authentication_classes([OAuth2Authentication])
        @permission_classes(list(permissions))
        def function(request: Any) -> Response:
            return Response({"client": request.auth.client.name})

        return function

    urlpatterns.append(path("function", protected(HasScope("x"))))
    urlpatterns.append(path("function-open", protected(IsAuthenticated)))
    assert app("x").get("/function").status_code == 200
    assert app("read").get("/function").status_code == 403
    assert app("read").get("/function-open").status_code == 403


def test_view_that_chooses_its_permissions_is_gated_too(app: Any) -> None:
    class Chooses(Notes):
        action = object()  # not a viewset's

        def get_permissions(self) -> Any:
            return [HasScope("x")] if self.request.method == "POST" else [IsAuthenticated()]

    urlpatterns.append(path("chooses", Chooses.as_view()))
    assert [app(scopes).post("/chooses").status_code for scopes in ("x", "read")] == [200, 403]
    assert app("x").get("/chooses").status_code == 403


def test_authentication_without_a_view_is_refused(app: Any, rf: Any) -> None:
    from rest_framework.request import Request

    token = app("read").token
    request = Request(
        rf.get("/", headers={"Authorization": f"Bearer {token}"}), authenticators=[OAuth2Authentication()]
    )
    with pytest.raises(Exception, match="Apps may not do this here") as caught:
        _ = request.user
    assert caught.value.status_code == 403  # type: ignore[attr-defined]


def test_permissions_that_count_on_earlier_ones_do_not_run_after_a_refusal(client: Any) -> None:
    class NeedsMail(IsAuthenticated):
        def has_permission(self, request: Any, view: Any) -> bool:
            return bool(request.user.email)  # an AnonymousUser has none

    address = mount("short-circuit", HasScope("read") & IsUser & NeedsMail)
    assert as_app(client, scopes="read").get(address).status_code == 403


# ── operators, both orders ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("permission", "enters", "refused"),
    [
        (HasScope("a") & HasScope("b"), ["a b"], ["a", "b", "c"]),
        (HasScope("b") & HasScope("a"), ["a b"], ["a", "b", "c"]),
        (HasScope("a") | HasScope("b"), ["a", "b", "a b"], ["c"]),
        (HasScope("b") | HasScope("a"), ["a", "b", "a b"], ["c"]),
        (HasScope("a") & ~HasScope("b"), ["a"], ["a b", "b", "c"]),
        (~HasScope("b") & HasScope("a"), ["a"], ["a b", "b", "c"]),
        (IsAuthenticated & HasScope("a"), ["a"], ["b"]),
        (HasScope("a") & IsAuthenticated, ["a"], ["b"]),
        (HasAnyScope("a", "b"), ["a", "b"], ["c"]),
        (HasAnyScope("a", "b") & HasScope("c"), ["a c", "b c"], ["c", "a b"]),
        ((HasScope("a") & HasScope("b")) | HasScope("c"), ["a b", "c"], ["a", "b"]),
        (HasScope("c") | (HasScope("a") & HasScope("b")), ["a b", "c"], ["a", "b"]),
    ],
)
def test_operators_work_on_instances_in_both_orders(
    app: Any, permission: Any, enters: list[str], refused: list[str]
) -> None:
    address = mount(f"operators-{id(permission)}", permission)
    assert [app(scopes).get(address).status_code for scopes in enters] == [200] * len(enters)
    assert [app(scopes).get(address).status_code for scopes in refused] == [403] * len(refused)


def test_uncalled_class_composes_with_required_scopes(app: Any) -> None:
    address = mount("uncalled", IsAuthenticated & HasScope, required_scopes=["a"])
    assert app("a").get(address).status_code == 200
    assert app("b").get(address).status_code == 403


# ── required_scopes ─────────────────────────────────────────────────────────────────────────────────────────

MAP = mount("map", HasScope, required_scopes={"GET": ["a"], "POST": ["b", "c"]})


def test_required_scopes_list_holds_for_every_method(app: Any) -> None:
    address = mount("required-list", HasScope, required_scopes=["a"])
    for method in ("get", "post", "delete", "head", "options"):
        assert getattr(app("a"), method)(address).status_code == 200
        assert getattr(app("b"), method)(address).status_code == 403


def test_required_scopes_map_asks_by_method(app: Any) -> None:
    assert app("a").get(MAP).status_code == 200
    assert app("b c").get(MAP).status_code == 403
    assert app("b c").post(MAP).status_code == 200
    assert app("a b").post(MAP).status_code == 403


def test_required_scopes_map_get_covers_head(app: Any) -> None:
    assert app("a").head(MAP).status_code == 200
    assert app("b c").head(MAP).status_code == 403


def test_required_scopes_map_method_not_in_the_map_is_refused(app: Any) -> None:
    response = app("a b c").delete(MAP)
    assert response.status_code == 403
    assert response.json()["required"] == []


def test_required_scopes_map_options_needs_any_one_entry(app: Any) -> None:
    assert app("a").options(MAP).status_code == 200
    assert app("b c").options(MAP).status_code == 200
    assert app("b").options(MAP).status_code == 403


class NotesSet(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasScope]
    required_scopes = {"list": ["a"], "publish": ["b"], "DELETE": ["c"]}

    def list(self, request: Any) -> Response:
        return Response([])

    def create(self, request: Any) -> Response:
        return Response({})

    def destroy(self, request: Any) -> Response:
        return Response({})

    @action(methods=["post"], detail=False)
    def publish(self, request: Any) -> Response:
        return Response({})


urlpatterns += [
    path("set", NotesSet.as_view({"get": "list", "post": "create", "delete": "destroy"})),
    path("set/publish", NotesSet.as_view({"post": "publish"})),
]


def test_required_scopes_map_of_action_names(app: Any) -> None:
    assert app("a").get("/set").status_code == 200
    assert app("a").head("/set").status_code == 200
    assert app("b").get("/set").status_code == 403
    assert app("b").post("/set/publish").status_code == 200
    assert app("a").post("/set/publish").status_code == 403
    assert app("c").delete("/set").status_code == 200
    assert app("a b c").post("/set").status_code == 403
    assert app("b").options("/set").status_code == 200
    assert app("x").options("/set").status_code == 403


# ── HasResourceScope ────────────────────────────────────────────────────────────────────────────────────────


def test_has_resource_scope_reads_with_read_and_writes_with_write(app: Any) -> None:
    address = mount("resource-scope", HasResourceScope("notes"))
    for method in ("get", "head", "options"):
        assert getattr(app("notes:read"), method)(address).status_code == 200
        assert getattr(app("notes:write"), method)(address).status_code == 403
    for method in ("post", "delete"):
        assert getattr(app("notes:write"), method)(address).status_code == 200
        response = getattr(app("notes:read"), method)(address)
        assert response.json()["detail"] == "This needs the permission 'notes:write'."


# ── IsAdminUser, DjangoModelPermissions beside it ───────────────────────────────────────────────────────────


class Clients(Notes):
    queryset = Client.objects.none()


def test_is_admin_user_does_not_count_for_app_tokens(client: Any, boss: Any) -> None:
    address = mount("admin", HasScope("read"), IsAdminUser)
    response = as_app(client, user=boss, scopes="read").get(address)
    assert response.status_code == 403
    assert response.json() == {"detail": "You do not have permission to perform this action."}


@pytest.mark.parametrize("permission", [HasScope("x") | IsAdminUser, IsAdminUser | HasScope("x")])
def test_is_admin_user_does_not_widen_what_the_scope_allows(client: Any, boss: Any, permission: Any) -> None:
    address = mount(f"admin-or-{id(permission)}", permission)
    assert as_app(client, user=boss, scopes="read").get(address).status_code == 403
    assert as_app(client, user=boss, scopes="staff_work").get(address).status_code == 403


def test_staff_counts_when_a_granted_scope_says_so(client: Any, boss: Any, ada: Any) -> None:
    address = mount("admin-staff", HasScope("staff_work"), IsAdminUser)
    assert as_app(client, user=boss, scopes="staff_work").get(address).status_code == 200
    assert as_app(client, user=ada, scopes="staff_work").get(address).status_code == 403


def test_model_permissions_are_evaluated_without_superuser_power(client: Any, boss: Any, ada: Any) -> None:
    from django.contrib.auth.models import Permission

    kind = type("Models", (Clients,), {"permission_classes": [HasScope("write"), DjangoModelPermissions]})
    urlpatterns.append(path("models", kind.as_view()))
    assert as_app(client, user=boss, scopes="write").post("/models").status_code == 403
    assert as_app(client, user=ada, scopes="write").post("/models").status_code == 403
    for user in (boss, ada):
        user.user_permissions.add(
            Permission.objects.get(codename="add_client", content_type__app_label="oauth_provider")
        )
    assert as_app(client, user=boss, scopes="write").post("/models").status_code == 200
    assert as_app(client, user=ada, scopes="write").post("/models").status_code == 200
    assert as_app(client, user=ada, scopes="read").post("/models").status_code == 403


def test_model_permissions_do_not_widen_what_the_scope_allows(client: Any, boss: Any) -> None:
    kind = type("Models", (Clients,), {"permission_classes": [HasScope("x") | DjangoModelPermissions]})
    urlpatterns.append(path("models-or", kind.as_view()))
    assert as_app(client, user=boss, scopes="staff_work").post("/models-or").status_code == 403


# ── 401 says which; SessionAuthentication listed first ──────────────────────────────────────────────────────


def test_bad_token_gets_401_with_challenge_when_session_authentication_is_first(client: Any) -> None:
    address = mount(
        "session-first", HasScope("read"), authentication_classes=[SessionAuthentication, OAuth2Authentication]
    )
    response = client.get(address, headers={"Authorization": "Bearer nonsense"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_token"')


# ── machine token ───────────────────────────────────────────────────────────────────────────────────────────


def test_machine_token_has_anonymous_user_and_a_client(client: Any) -> None:
    body = as_app(client, scopes="read").get(READ).json()
    assert body["user_class"] == "AnonymousUser"
    assert body["client"] == "Test app"


def test_machine_token_has_anonymous_user_even_where_the_framework_uses_none(client: Any, settings: Any) -> None:
    settings.REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
    assert as_app(client, scopes="read").get(READ).json()["user_class"] == "AnonymousUser"


def test_machine_token_acts_as_the_service_account(client: Any, ada: Any) -> None:
    machine = as_app(client, scopes="read")
    machine.app.service_account = ada
    machine.app.save()
    assert machine.get(READ).json()["user"] == "ada"


def test_RS10_machine_is_refused_where_a_user_is_needed(client: Any, app: Any, ada: Any) -> None:
    address = mount("user-only", HasScope("read"), IsUser)
    machine = as_app(client, scopes="read")
    assert machine.get(address).status_code == 403
    machine.app.service_account = ada
    machine.app.save()
    response = machine.get(address)
    assert response.status_code == 403
    assert response.json() == {"detail": "This needs a person, not a machine.", "code": "user_required"}
    assert app("read").get(address).status_code == 200


def test_is_machine_and_is_first_party_tell_clients_apart(client: Any, app: Any, ada: Any) -> None:
    machines, first = mount("machines", HasScope("read"), IsMachine), mount("first", HasScope("read"), IsFirstParty)
    people = mount("people", HasScope("read") & ~IsMachine)
    assert as_app(client, scopes="read").get(machines).status_code == 200
    assert as_app(client, scopes="read").get(people).status_code == 403
    assert app("read").get(machines).status_code == 403
    assert app("read").get(people).status_code == 200
    assert app("read").get(first).status_code == 403
    assert app("read", profile="first_party").get(first).status_code == 200


def test_negation_works_on_objects_too(app: Any) -> None:
    class Detail(Notes):
        permission_classes = [HasScope("read") & ~IsMachine]

        def get(self, request: Any) -> Response:
            self.check_object_permissions(request, object())
            return Response({})

    urlpatterns.append(path("detail", Detail.as_view()))
    assert app("read").get("/detail").status_code == 200


# ── audience ────────────────────────────────────────────────────────────────────────────────────────────────


def test_audience_without_resources_is_the_issuer(app: Any) -> None:
    assert (
        app("read").get(mount("issuer", HasScope("read"), HasAudience("https://provider.example"))).status_code == 200
    )
    assert app("read").get(mount("other", HasScope("read"), HasAudience("https://other.example"))).status_code == 403


def test_audience_with_resources_each_view_belongs_to_one(app: Any, settings: Any) -> None:
    api, files = "https://api.example", "https://files.example"
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"RESOURCES": {api: "API", files: "Files"}}
    in_api, in_files = mount("api", HasScope("read"), resource=api), mount("files", HasScope("read"), resource=files)
    assert app("read", resource=api).get(in_api).status_code == 200
    response = app("read", resource=api).get(in_files)
    assert response.status_code == 401
    assert response.json()["reason"] == "wrong_audience"
    assert app("read", resource="https://provider.example").get(in_api).status_code == 401
    with pytest.raises(ImproperlyConfigured):
        app("read", resource=api).get(READ)
    with pytest.raises(ImproperlyConfigured):
        app("read", resource=api).get(mount("nowhere", HasScope("read"), resource="https://nowhere.example"))


def test_audience_with_one_resource_views_belong_to_it(app: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"RESOURCES": {"https://api.example": "API"}}
    assert app("read").get(READ).status_code == 200
    assert app("read", resource="https://provider.example").get(READ).status_code == 401


# ── the browsable API ───────────────────────────────────────────────────────────────────────────────────────


def test_browsable_api_judges_each_method_it_offers(app: Any) -> None:
    address = mount("browsable", HasScope, required_scopes={"GET": ["a"], "POST": ["b"]})
    page = app("a").get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert b'method="POST"' not in page.content
    assert b'method="POST"' in app("a b").get(address, headers={"Accept": "text/html"}).content
