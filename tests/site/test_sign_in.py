"""Where a person without a session is sent, and that the whole request comes back afterwards."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from django.urls import clear_script_prefix, set_script_prefix

from tests.flow import Flow, after_sign_in, query_of, refreshed_to

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def accounts(settings):
    """django.contrib.auth.urls with a template, as the tutorial has it."""
    settings.ROOT_URLCONF = "tests.site.urls_accounts"
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [TEMPLATES]


@pytest.fixture
def below_app():
    """What a WSGI server does for a site at /app; Django's test client does not."""
    set_script_prefix("/app/")
    yield
    clear_script_prefix()


def next_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["next"][0]


def test_site_without_a_sign_in_page_uses_ours(conf_client, alice):
    browser = Flow()
    sent = browser.authorize(conf_client)
    assert sent.status_code == 303
    assert urlsplit(sent["Location"]).path == "/login"
    signed_in = browser.browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    between = browser.browser.get(signed_in["Location"])
    assert refreshed_to(between) == next_of(sent["Location"])
    # Whoever is not signed in gets the form, whatever the address says.
    assert b'name="password"' in Browser().get(signed_in["Location"]).content
    assert b"Allow" in after_sign_in(browser.browser, signed_in).content


@pytest.mark.parametrize("login_url", ["account_login", "nowhere:login", "/not/served/", "not/served/"])
def test_login_url_that_leads_nowhere_is_replaced_by_ours(conf_client, settings, login_url):
    settings.LOGIN_URL = login_url
    sent = Flow().authorize(conf_client)
    assert sent.status_code == 303
    assert urlsplit(sent["Location"]).path == "/login"


@pytest.mark.parametrize("login_url", ["/accounts/login/", "login", "admin:login"])
def test_site_with_a_sign_in_page_keeps_it_and_next_comes_back_whole(conf_client, alice, settings, accounts, login_url):
    settings.LOGIN_URL = login_url
    alice.is_staff = True  # the admin lets nobody else in
    alice.save()
    browser = Flow()
    sent = browser.authorize(conf_client, state="a&b=c#d é", nonce="n-0S6_WzA2Mj", scope="openid read")
    path = urlsplit(sent["Location"]).path
    assert path == ("/admin/login/" if login_url == "admin:login" else "/accounts/login/")
    page = browser.browser.get(sent["Location"])
    asked = next_of(sent["Location"])
    assert page.status_code == 200
    signed_in = browser.browser.post(
        sent["Location"], {"username": "alice", "password": "alice-password", "next": asked}
    )
    assert (signed_in.status_code, signed_in["Location"]) == (302, asked)
    answer = browser.decide(browser.browser.get(asked))
    assert answer.status_code == 200
    assert query_of(asked)["state"] == "a&b=c#d é"


def test_login_url_with_a_query_of_its_own_keeps_it(conf_client, settings, accounts):
    settings.LOGIN_URL = "/accounts/login/?theme=dark"
    location = Flow().authorize(conf_client)["Location"]
    assert parse_qs(urlsplit(location).query).keys() == {"theme", "next"}


def test_sign_in_page_on_another_host_is_told_our_whole_address(conf_client, settings):
    settings.LOGIN_URL = "https://sso.example/login"
    location = Flow().authorize(conf_client)["Location"]
    assert location.startswith("https://sso.example/login?next=")
    # A path alone would mean the other host's own; the issuer's host is ours whatever the request said.
    assert next_of(location).startswith("https://provider.example/authorize?")


@pytest.mark.parametrize("login_url", ["https://sso.example/login", "/accounts/login/"])
def test_our_page_is_closed_where_the_site_has_its_own(alice, settings, accounts, login_url):
    """Ours asks for a password only: it would pass by the site's second factor."""
    settings.LOGIN_URL = login_url
    browser = Flow().browser
    for answer in (
        browser.get("/login"),
        browser.post("/login", {"username": "alice", "password": "alice-password"}),
    ):
        assert answer["Location"].startswith(login_url)
    assert "sessionid" not in browser.cookies


@pytest.mark.parametrize("login_url", ["login", "/app/accounts/login/"])
def test_site_below_a_script_name_keeps_its_sign_in_page(conf_client, settings, accounts, below_app, login_url):
    settings.LOGIN_URL = login_url
    location = Flow().authorize(conf_client)["Location"]
    assert urlsplit(location).path == "/app/accounts/login/"


@pytest.mark.parametrize("login_url", ["/login", "/login/", "oauth_provider:login", "/login/?theme=dark"])
def test_our_page_named_in_login_url_does_not_send_the_browser_round(alice, settings, login_url):
    settings.LOGIN_URL = login_url
    for path in ("/login", "/login/"):
        assert Flow().browser.get(path).status_code == 200


def test_device_page_survives_the_sign_in_with_its_code(alice):
    browser = Flow().browser
    sent = browser.get("/device?user_code=BCDF-GHJK")
    assert next_of(sent["Location"]) == "/device?user_code=BCDF-GHJK"
    signed_in = browser.post(sent["Location"], {"username": "alice", "password": "alice-password"})
    page = browser.get(signed_in["Location"])
    assert b'value="BCDF-GHJK"' in page.content


def test_next_of_our_own_page_never_leaves_the_host(alice):
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = Flow().browser.post("/login", {"username": "alice", "password": "alice-password", "next": target})
        assert answer["Location"] == "/signed-out"


def test_somebody_inactive_is_not_signed_in(alice, conf_client):
    alice.is_active = False
    alice.save()
    answer = Flow().browser.post("/login", {"username": "alice", "password": "alice-password"})
    assert answer.status_code == 200
    assert b"You are not signed in yet" in answer.content
