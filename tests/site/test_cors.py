"""CORS: a preflight names no client, so a registered origin passes on our CORS paths; never elsewhere (AS21)."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import Client
from tests.flow import Registered, post_form

pytestmark = pytest.mark.django_db

REGISTERED, OTHER = "https://spa.example", "https://other.example"
FOR_CLIENTS = ["/token", "/token/", "/revoke", "/userinfo", "/device_authorization"]
FOR_ALL = ["/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
NEVER = [
    "/register",
    "/register/c_0123",
    "/authorize",
    "/authorize/decision",
    "/device",
    "/login",
    "/signed-out",
    "/introspect",
    "/admin/",
]


@pytest.fixture
def spa(db) -> Registered:
    return Registered(
        *Client.objects.register(
            name="Notes in the browser",
            profile="spa",
            redirect_uris=[f"{REGISTERED}/callback"],
            scopes=["openid", "read"],
        )
    )


def preflight(path: str, origin: str):
    return Browser().options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization, content-type",
    )


@pytest.mark.parametrize("path", FOR_CLIENTS)
def test_registered_origin_may_call(spa, path):
    answer = preflight(path, REGISTERED)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == REGISTERED
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert "authorization" in answer["Access-Control-Allow-Headers"]
    # Cookies are never part of it.
    assert "Access-Control-Allow-Credentials" not in answer
    assert "origin" in answer["Vary"].lower()


@pytest.mark.parametrize("path", FOR_CLIENTS)
@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "http://spa.example",
        f"{REGISTERED}:8443",
        f"{REGISTERED}.evil.example",
        "https://SPA.example",
        "x" * 9000,
    ],
)
def test_any_other_origin_may_not(spa, path, origin):
    assert "Access-Control-Allow-Origin" not in preflight(path, origin)


@pytest.mark.parametrize("path", FOR_ALL)
@pytest.mark.parametrize("origin", [REGISTERED, OTHER])
def test_public_documents_are_read_from_anywhere(db, path, origin):
    assert Browser().get(path, HTTP_ORIGIN=origin)["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("path", NEVER)
def test_pages_and_what_only_servers_call_are_never_opened(spa, path):
    assert "Access-Control-Allow-Origin" not in preflight(path, REGISTERED)
    assert "Access-Control-Allow-Origin" not in Browser().get(path, HTTP_ORIGIN=REGISTERED)


def test_the_sites_own_api_is_left_to_the_site(spa, settings):
    settings.ROOT_URLCONF = "tests.site.urls_api"
    assert "Access-Control-Allow-Origin" not in preflight("/api/notes", REGISTERED)
    settings.CORS_ALLOWED_ORIGINS = [OTHER]
    assert preflight("/api/notes", OTHER)["Access-Control-Allow-Origin"] == OTHER


def test_origin_of_a_suspended_client_may_not(spa):
    spa.row.suspend()
    assert "Access-Control-Allow-Origin" not in preflight("/token", REGISTERED)


def test_token_endpoint_refuses_the_origin_of_another_client(spa, conf_client):
    asked = {
        "grant_type": "authorization_code",
        "client_id": conf_client.client_id,
        "client_secret": conf_client.secret,
        "code": "x",
    }
    answer = post_form(Browser(), "/token", asked, HTTP_ORIGIN=REGISTERED)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_browser_app_reads_the_answer_of_its_own_origin(spa):
    asked = {"grant_type": "authorization_code", "client_id": spa.client_id, "code": "x", "code_verifier": "x" * 43}
    answer = post_form(Browser(), "/token", asked, HTTP_ORIGIN=REGISTERED)
    assert answer.json()["error"] == "invalid_grant"
    assert answer["Access-Control-Allow-Origin"] == REGISTERED


def test_preflight_costs_one_statement(spa, django_assert_num_queries):
    with django_assert_num_queries(1):
        preflight("/token", REGISTERED)


@pytest.mark.parametrize("origin", [REGISTERED, OTHER])
def test_any_page_may_register_its_agent_where_anybody_may(open_registration, spa, origin):
    answer = preflight("/register", origin)
    assert answer["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("path", ["/register/c_0123", "/register/c_0123/"])
def test_no_page_reads_a_registration(open_registration, spa, path):
    assert "Access-Control-Allow-Origin" not in preflight(path, REGISTERED)


@pytest.mark.parametrize("origin", [REGISTERED, OTHER])
def test_no_page_registers_where_a_token_is_needed(token_registration, spa, origin):
    assert "Access-Control-Allow-Origin" not in preflight("/register", origin)
