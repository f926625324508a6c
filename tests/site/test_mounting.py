"""Where the provider stands in a site: root or prefix, with or without slashes, under whatever host was asked."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import Client as Browser
from django.urls import resolve

from oauth_provider import urls, well_known
from oauth_provider.endpoints import base
from tests.flow import Flow, field_of, pkce, post_form, query_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def prefixed(settings):
    settings.ROOT_URLCONF = "tests.site.urls_prefix"
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ISSUER": "https://provider.example/id"}


WELL_KNOWN = [
    "/.well-known/oauth-authorization-server/id",  # RFC 8414 §3.1
    "/.well-known/openid-configuration/id",
    "/id/.well-known/openid-configuration",  # OpenID Connect Discovery §4
    "/id/.well-known/oauth-authorization-server",
]


@pytest.mark.parametrize("path", WELL_KNOWN)
def test_metadata_under_a_prefix_names_addresses_that_answer(prefixed, path):
    document = Browser().get(path).json()
    assert document["issuer"] == "https://provider.example/id"
    for name, url in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert url.startswith("https://provider.example/id/"), name
            assert Browser().get(url.removeprefix("https://provider.example")).status_code != 404, name


@pytest.mark.parametrize(
    "path", ["/.well-known/oauth-authorization-server/other", "/id/.well-known/openid-configuration/x"]
)
def test_metadata_of_another_issuer_is_not_found(prefixed, path):
    assert Browser().get(path).status_code == 404


def test_whole_flow_under_a_prefix(prefixed, conf_client, alice):
    browser = Browser()
    sent = browser.get("/id/authorize", {"client_id": conf_client.client_id, "response_type": "code"})
    assert sent["Location"].startswith("https://c.example/cb?error=invalid_request")
    browser.force_login(alice)
    page = prefixed_authorize(browser, conf_client)
    assert b'action="/id/authorize/decision"' in page.content
    continued = browser.get(press(browser, page))
    assert b"https://c.example/cb?code=" in continued.content
    assert b"iss=https%3A%2F%2Fprovider.example%2Fid" in continued.content


def prefixed_authorize(browser: Browser, client):
    """Flow speaks to the root; this to the prefix."""
    return browser.get(
        "/id/authorize",
        {
            "client_id": client.client_id,
            "response_type": "code",
            "scope": "read",
            "redirect_uri": "https://c.example/cb",
            "code_challenge": pkce()[1],
            "code_challenge_method": "S256",
        },
    )


def press(browser: Browser, page) -> str:
    sent = {"request": field_of(page, "request"), "decision": "allow"}
    return post_form(browser, "/id/authorize/decision", sent)["Location"]


def test_prefix_with_the_right_issuer_passes_the_checks(prefixed):
    found = [each.id for each in run_checks() if each.id.startswith("oauth_provider.E")]
    assert found == []


def test_prefix_with_the_roots_issuer_is_an_error(settings):
    settings.ROOT_URLCONF = "tests.site.urls_prefix"
    found = [each.id for each in run_checks() if each.id.startswith("oauth_provider.E")]
    assert found != []


PATTERNS = [*urls.urlpatterns, *well_known.urlpatterns]
NAMES = {name for pattern in PATTERNS if (name := getattr(pattern, "name", None))}
PATHS = [
    "/authorize",
    "/authorize/decision",
    "/token",
    "/revoke",
    "/introspect",
    "/userinfo",
    "/jwks",
    "/device_authorization",
    "/device",
    "/login",
    "/signed-out",
    "/end_session",
    "/end_session/decision",
    "/register",
    "/register/c_x",
    "/connected-apps",
    "/connected-apps/1",
    "/connected-apps/1/end",
    "/connected-apps/sign-out-everywhere",
    "/not-me/a-link",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
]


def test_every_path_of_ours_is_tried_below():
    # A picture has one address, and it is not found where there is none.
    assert {resolve(path).url_name for path in PATHS} == NAMES - {"logo"}


@pytest.mark.parametrize("append_slash", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_with_and_without_slash_answers_the_same_without_a_redirect_between(settings, path, append_slash):
    settings.APPEND_SLASH = append_slash
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": "open"}
    for method in ("get", "post"):
        without, with_slash = (getattr(Browser(), method)(address) for address in (path, f"{path}/"))
        assert without.status_code == with_slash.status_code
        assert without.status_code != 404
        for answer in (without, with_slash):
            # A redirect would lose a POST's body; only the way to sign-in is one, and from an answer to its question.
            assert answer.get("Location", "/login").startswith(("/login", "/end_session"))


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "other.example"},
        {"HTTP_X_FORWARDED_HOST": "other.example", "HTTP_X_FORWARDED_PROTO": "http"},
        {"HTTP_HOST": "127.0.0.1:8000", "HTTP_FORWARDED": "host=other.example;proto=http"},
    ],
)
def test_c19_issuer_is_what_the_site_wrote_whatever_host_was_asked(
    settings, conf_client, device_client, alice, headers
):
    settings.ALLOWED_HOSTS = ["*"]
    settings.USE_X_FORWARDED_HOST = True
    browser = Browser(**headers)
    browser.force_login(alice)
    document = browser.get("/.well-known/openid-configuration")
    assert document.json()["issuer"] == "https://provider.example"
    assert b"other.example" not in document.content
    assert b"127.0.0.1" not in document.content
    answer = query_of(Flow(browser).location(conf_client))
    assert answer["iss"] == "https://provider.example"
    started = browser.post(
        "/device_authorization",
        f"client_id={device_client.client_id}",
        content_type="application/x-www-form-urlencoded",
    ).json()
    assert started["verification_uri"] == "https://provider.example/device"


def test_c19_sign_in_and_decision_lead_to_paths_not_to_the_host_of_the_request(settings, conf_client, alice):
    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser(HTTP_HOST="other.example")
    flow = Flow(browser)
    assert flow.authorize(conf_client)["Location"].startswith("/login?")
    browser.force_login(alice)
    page = flow.authorize(conf_client)
    assert b"other.example" not in page.content


def test_request_under_another_host_is_told_to_the_operator_once(settings, conf_client, caplog):
    settings.ALLOWED_HOSTS = ["*"]
    base._tell_of_other_host.cache_clear()
    for _ in range(2):
        Flow(Browser(HTTP_HOST="other.example")).authorize(conf_client)
        Flow(Browser(HTTP_HOST="provider.example")).authorize(conf_client)
    told = [each.getMessage() for each in caplog.records if each.name == "oauth_provider.issuer"]
    assert len(told) == 1
    assert "other.example" in told[0]
    assert "provider.example" in told[0]
