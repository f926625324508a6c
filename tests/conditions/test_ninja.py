"""Django Ninja: what is not the same table again. Alternatives, its own schema, its test client, failing closed."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import include, path
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError
from ninja.security import django_auth
from ninja.testing import TestClient

from oauth_provider.ninja import OAuth2Auth, Refused, install
from oauth_provider.testing import as_app

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

READ = OAuth2Auth("read")

api = NinjaAPI(urls_namespace="notes", auth=READ)
router = Router(auth=OAuth2Auth("write"))


def told(request: Any) -> dict[str, Any]:
    return {
        "user": str(request.user),
        "auth": str(getattr(request.auth, "client_id", request.auth)),
        "same": getattr(request, "access", None) is request.auth,
    }


@api.get("/of-the-api")
def of_the_api(request: Any) -> dict[str, Any]:
    return told(request)


@api.post("/of-the-api")
def post(request: Any) -> dict[str, Any]:
    return told(request)


@api.get("/open", auth=None)
def open_to_all(request: Any) -> dict[str, Any]:
    return {"access": getattr(request, "auth", None)}


@api.get("/either", auth=[READ, django_auth])
def either(request: Any) -> dict[str, Any]:
    return told(request)


@api.get("/either-async", auth=[READ, django_auth])
async def either_async(request: Any) -> dict[str, Any]:
    return {"auth": str(getattr(request.auth, "client_id", request.auth))}


@api.get("/two-kinds", auth=[OAuth2Auth("write"), READ])
def two_kinds(request: Any) -> dict[str, Any]:
    return told(request)


@api.get("/own-response")
def own_response(request: Any) -> HttpResponse:
    return HttpResponse("mine")


@router.get("/of-the-router")
def of_the_router(request: Any) -> dict[str, Any]:
    return told(request)


api.add_router("/routed", router)

answering = NinjaAPI(urls_namespace="answering", auth=[READ, django_auth])


@answering.exception_handler(AuthenticationError)
def answer(request: Any, error: Any) -> HttpResponse:
    return answering.create_response(request, {"mine": True}, status=401)


@answering.get("/either")
def answering_either(request: Any) -> dict[str, Any]:
    return {}


@answering.get("/session", auth=django_auth)
def answering_session(request: Any) -> dict[str, Any]:
    return {}


urlpatterns = [
    path("api/", api.urls),
    path("nested/<str:tenant>/", include(([path("v1/", answering.urls)], "nested"), namespace="nested")),
]


@pytest.fixture
def app(client: Any, ada: Any) -> Any:
    return lambda scopes="read", **wanted: as_app(client, **{"user": ada, "scopes": scopes, **wanted})


def test_auth_of_api_router_and_operation(app: Any, client: Any) -> None:
    assert app().get("/api/of-the-api").status_code == 200
    assert app("write").get("/api/of-the-api").status_code == 403
    assert app("write").get("/api/routed/of-the-router").status_code == 200
    assert app("read").get("/api/routed/of-the-router").status_code == 403
    assert client.get("/api/open").json() == {"access": None}


def test_request_auth_is_the_access_and_request_user_stays_untouched(app: Any, client: Any, boss: Any) -> None:
    caller = app()
    assert caller.get("/api/of-the-api").json() == {"user": "AnonymousUser", "auth": caller.app.client_id, "same": True}
    client.force_login(boss)
    assert caller.get("/api/of-the-api").json()["user"] == "boss"


def test_post_with_a_token_needs_no_csrf_cookie(ada: Any) -> None:
    from django.test import Client

    assert as_app(Client(enforce_csrf_checks=True), user=ada, scopes="read").post("/api/of-the-api").status_code == 200


# ── alternatives ────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_token_the_next_is_asked(app: Any, client: Any, ada: Any) -> None:
    assert app().get("/api/either").status_code == 200
    client.force_login(ada)
    response = client.get("/api/either")
    assert (response.status_code, response.json()["auth"]) == (200, "ada")


def test_without_anything_the_challenge_is_ours(client: Any) -> None:
    response = client.get("/api/either")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api", scope="read", DPoP realm="api", algs=')
    assert response.json()["code"] == "not_authenticated"


def test_refused_token_is_refused_whatever_comes_after(app: Any, client: Any, ada: Any) -> None:
    client.force_login(ada)
    assert app("write").get("/api/either").status_code == 403
    assert client.get("/api/either", headers={"Authorization": "Bearer x"}).status_code == 401


def test_of_two_of_ours_the_first_decides_about_a_token(app: Any, client: Any) -> None:
    """Where one of several scopes is enough, that is `any_of`."""
    assert app("write").get("/api/two-kinds").status_code == 200
    assert app("read").get("/api/two-kinds").status_code == 403
    assert 'scope="write"' in client.get("/api/two-kinds").headers["WWW-Authenticate"]


def test_handler_of_the_site_keeps_answering_where_no_app_is_meant(client: Any) -> None:
    assert client.get("/nested/acme/v1/session").json() == {"mine": True}
    assert client.get("/nested/acme/v1/either").json()["code"] == "not_authenticated"
    assert client.get("/nested/acme/v1/session").json() == {"mine": True}


@pytest.mark.django_db(transaction=True)
def test_async_operation_with_alternatives(app: Any) -> None:
    from asgiref.sync import async_to_sync

    async def call(token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await AsyncClient().get("/api/either-async", headers=headers)

    enough, little = app(), app("write")
    assert async_to_sync(call)(enough.token).json()["auth"] == enough.app.client_id
    assert async_to_sync(call)(little.token).status_code == 403
    assert async_to_sync(call)("").status_code == 401


# ── its schema ──────────────────────────────────────────────────────────────────────────────────────────────


def test_schema_has_our_flows_and_scopes(client: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.conditions.urls_with_provider"
    schema = client.get("/api/openapi.json").json()
    scheme = schema["components"]["securitySchemes"]["OAuth2Auth"]
    assert scheme["type"] == "oauth2"
    assert scheme["flows"]["authorizationCode"]["tokenUrl"] == "https://provider.example/token"
    assert set(scheme["flows"]["clientCredentials"]["scopes"]) >= {"read", "write", "orgs"}
    operation = schema["paths"]["/api/either"]["get"]
    assert {"OAuth2Auth": []} in operation["security"]


# ── failing closed ──────────────────────────────────────────────────────────────────────────────────────────


def test_test_client_of_ninja_gets_the_same_answers(app: Any, client: Any) -> None:
    tester = TestClient(api)
    refused = tester.get("/of-the-api", headers={"AUTHORIZATION": f"Bearer {app('write').token}"})
    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="api", error="insufficient_scope"')
    assert tester.get("/of-the-api", headers={"AUTHORIZATION": f"Bearer {app().token}"}).status_code == 200
    assert tester.get("/of-the-api").status_code == 401


def test_where_the_api_is_not_found_ninja_refuses_with_our_status(app: Any, rf: Any, caplog: Any) -> None:
    """As after a change inside Ninja: no view that closes over its operations."""
    stranger = NinjaAPI(urls_namespace="stranger", auth=READ)
    ran: list[str] = []

    @stranger.get("/x")
    def operation(request: Any) -> dict[str, Any]:
        ran.append("yes")
        return {}

    run = stranger._get_bound_routers()[0].path_operations["/x"].operations[0].run
    for token, status in ((app("write").token, 403), ("x", 401), ("", 401)):
        request = rf.get("/x", headers={"Authorization": f"Bearer {token}"} if token else {})
        request.resolver_match = None
        assert run(request).status_code == status
    assert ran == []
    assert "install(api)" in caplog.text
    install(stranger)
    request = rf.get("/x", headers={"Authorization": f"Bearer {app('write').token}"})
    request.resolver_match = None
    assert run(request).headers["WWW-Authenticate"]


def test_installing_twice_changes_nothing() -> None:
    twice = NinjaAPI(urls_namespace="twice")
    install(twice)
    handlers = dict(twice._exception_handlers)
    install(twice)
    assert twice._exception_handlers == handlers
    assert Refused in handlers


def test_RS12_answer_of_the_view_itself_is_private_with_the_middleware(app: Any, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]
    assert app().get("/api/own-response").headers["Cache-Control"] == "private, no-store"


def test_nothing_is_never_awaited(app: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app().get("/api/of-the-api").status_code == 200
