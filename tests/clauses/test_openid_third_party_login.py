"""OpenID Connect Core 1.0 §4, initiating a sign-in from a third party; here that is the site itself, by a link."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser

from oauth_provider.clients import change, initiate_login
from oauth_provider.models import Client
from tests.admin.filled import base
from tests.flow import Registered
from tests.people.pages import app_url
from tests.register import WEB, client_of, post, registered

pytestmark = pytest.mark.django_db

ISSUER = "https://provider.example"
START = "https://c.example/start"


def links_of(page) -> list[str]:
    """Every address a page leads to."""
    return [unescape(found) for found in re.findall(r'<a [^>]*href="([^"]*)"', page.content.decode())]


def query_of(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, strict_parsing=True)


@pytest.fixture
def starting(conf_client) -> Registered:
    change.change(conf_client.row, initiate_login_uri=START)
    return conf_client


@pytest.fixture
def connected(flow, starting) -> Registered:
    flow.tokens(starting, scope="openid")
    return starting


# The plan of the OpenID Foundation's suite: the app is told the issuer, and the address is https.


def test_registered_client_receives_the_issuer(flow, open_registration):
    """§4: `iss` is required, and must be the issuer sign for sign."""
    client = client_of(registered({**WEB, "initiate_login_uri": START}))
    flow.tokens(client, scope="openid")
    (address,) = [link for link in links_of(flow.browser.get(app_url(client))) if link.startswith(START)]
    assert address == f"{START}?iss=https%3A%2F%2Fprovider.example"
    # The app goes on as with every sign-in it begins itself.
    assert flow.tokens(client, scope="openid")["id_token"]


@pytest.mark.parametrize("uri", ["http://c.example/start", "http://127.0.0.1/start", "com.example.app:/start"])
def test_address_without_https_is_invalid_client_metadata(open_registration, uri):
    """Registration §2: it must be https."""
    answer = post({**WEB, "initiate_login_uri": uri})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert "initiate_login_uri" in answer.json()["error_description"]


# The address


def test_own_query_stays_and_values_are_encoded(starting):
    """§4: parameters are added to the query."""
    change.change(starting.row, initiate_login_uri=f"{START}?tenant=a%20b&x")
    address = initiate_login.address(starting.row, login_hint="ada&iss=evil", target_link_uri="https://c.example/a?b=c")
    assert address.startswith(f"{START}?tenant=a%20b&x&iss=")
    assert parse_qsl(urlsplit(address).query, keep_blank_values=True) == [
        ("tenant", "a b"), ("x", ""), ("iss", ISSUER),
        ("login_hint", "ada&iss=evil"), ("target_link_uri", "https://c.example/a?b=c"),
    ]  # fmt: skip


def test_hint_and_target_are_left_out_unless_named(starting):
    assert query_of(initiate_login.address(starting.row)) == [("iss", ISSUER)]


def test_issuer_with_a_path_is_told_whole(starting, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ISSUER": "https://provider.example/o"}
    assert query_of(initiate_login.address(starting.row)) == [("iss", "https://provider.example/o")]


@pytest.mark.parametrize("columns", [{"initiate_login_uri": ""}, {"initiate_login_uri": "http://c.example/start"},
                                     {"initiate_login_uri": "javascript:alert(1)"}, {"status": "suspended"},
                                     {"status": "archived"}])  # fmt: skip
def test_as3_client_that_may_not_sign_people_in_is_not_opened(flow, connected, columns):
    """Whatever came into the row by another way is not followed either."""
    Client.objects.filter(pk=connected.row.pk).update(**columns)
    assert initiate_login.address(Client.objects.get()) == ""
    for path in ("/connected-apps/", app_url(connected)):
        page = flow.browser.get(path)
        assert page.status_code == 200
        assert not [link for link in links_of(page) if "start" in link or "javascript" in link]


# Who starts it from where


def test_person_opens_an_app_from_their_connected_apps(flow, connected, public_client):
    flow.tokens(public_client, scope="openid")
    for path in ("/connected-apps/", app_url(connected)):
        page = flow.browser.get(path)
        assert [query_of(link) for link in links_of(page) if link.startswith(START)] == [[("iss", ISSUER)]]
        # Nothing of the person goes along: the app may know them under another name.
        assert "alice" not in "".join(link for link in links_of(page) if link.startswith(START))
    assert "Open <bdi>Notes for Web</bdi>" in flow.browser.get(app_url(connected)).content.decode()
    assert "Open <bdi>" not in flow.browser.get(app_url(public_client)).content.decode()


def test_admin_opens_an_app_from_its_page(starting, public_client, django_user_model, settings):
    settings.ROOT_URLCONF = "tests.admin.urls"
    browser, person = Browser(), django_user_model.objects.create_user("looks", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_client"))
    browser.force_login(person)
    assert f"{START}?iss=https%3A%2F%2Fprovider.example" in links_of(browser.get(f"{base(starting.row)}change/"))
    assert "Open the app" not in browser.get(f"{base(public_client.row)}change/").content.decode()
