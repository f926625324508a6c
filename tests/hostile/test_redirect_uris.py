"""Where a response may be sent: to the registered address, sign for sign, and nowhere else."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from oauth_provider.models import Client, StoredRequest
from tests.flow import Flow, post_form
from tests.hostile.expect import assert_page, assert_redirected, query, rows

pytestmark = pytest.mark.django_db

# Variants of the registered https://c.example/cb.
VARIANTS = [
    "http://c.example/cb",
    "https://c.example/cb/",
    "https://c.example/CB",
    "https://c.example//cb",
    "https://c.example/./cb",
    "https://c.example/x/../cb",
    "https://c.example/cb/..",
    "https://c.example/%63b",
    "https://c.example/cb%2f",
    "https://c.example/cb%00",
    "https://c.example/cb%20",
    "https://c.example/cb ",
    " https://c.example/cb",
    "https://c.example/cb\t",
    "https://c.example/cb?",
    "https://c.example/cb?x=1",
    "https://c.example/cb#",
    "https://c.example/cb#x",
    "https://c.example/cb;x",
    "https://c.example/cb&x",
    "https://c.example:443/cb",
    "https://c.example:8443/cb",
    "https://c.example./cb",
    "https://www.c.example/cb",
    "https://xc.example/cb",
    "https://c.example.evil.example/cb",
    "https://evil.example/https://c.example/cb",
    "https://user@c.example/cb",
    "https://user:pass@c.example/cb",
    "https://c.example@evil.example/cb",
    "//c.example/cb",
    "/cb",
    "c.example/cb",
    "https:c.example/cb",
    "https:/c.example/cb",
    "https:///c.example/cb",
    "https://c.example",
    "https://c.example/",
    "https://с.example/cb",  # noqa: RUF001  # a Cyrillic letter is the case
    "javascript:alert(1)//https://c.example/cb",
    "data:text/html,https://c.example/cb",
    "urn:ietf:wg:oauth:2.0:oob",
]
C01 = [
    "https://C.EXAMPLE/cb",
    "HTTPS://c.example/cb",
    "https://c.example:/cb",
    "https://c.example/cb%0a",
    "https://c.example/cb\n",
]
C02 = [
    "https://c.example\\@evil.example/cb",
    "https://evil.example\\@c.example/cb",
    "https://c.example%2f@evil.example/cb",
]
C03 = [
    "https://c.example:99999/cb",
    "https://c.example:-1/cb",
    "https://c.example:０443/cb",  # noqa: RUF001  # a digit that int() would read
    "https://[c.example/cb",
]
C04 = [
    "http://localhost:5001/cb",
    "http://127.1:5001/cb",
    "http://2130706433/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://127.0.0.1:80@evil/cb",
    "http://[::1]:5001/cb",
    "http://127.0.0.1:0/cb",
    "http://127.0.0.1:65536/cb",
    "http://127.0.0.1:5001/cb/",
    "https://127.0.0.1:5001/cb",
]


def _assert_nothing_happened(response) -> None:
    assert_page(response)
    assert rows() == (0, 0, 0, 0)
    assert StoredRequest.objects.count() == 0


@pytest.mark.parametrize("uri", VARIANTS)
def test_AS1_variant_of_the_registered_uri_is_refused_with_a_page(flow, conf_client, uri):
    assert len(set(VARIANTS)) >= 30
    _assert_nothing_happened(flow.authorize(conf_client, redirect_uri=uri))


@pytest.mark.parametrize("uri", C01)
def test_C01_other_case_empty_port_and_line_ends_are_refused(flow, conf_client, uri):
    _assert_nothing_happened(flow.authorize(conf_client, redirect_uri=uri))


@pytest.mark.parametrize("uri", C02)
def test_C02_backslash_and_user_tricks_are_refused(flow, conf_client, uri):
    _assert_nothing_happened(flow.authorize(conf_client, redirect_uri=uri))


@pytest.mark.parametrize("uri", C03)
def test_C03_impossible_host_or_port_is_a_page_and_no_failure(flow, conf_client, uri):
    _assert_nothing_happened(flow.authorize(conf_client, redirect_uri=uri))


def test_C04_loopback_port_is_free(flow, public_client):
    page = flow.authorize(public_client, redirect_uri="http://127.0.0.1:5001/cb")
    assert page.status_code == 200
    location = flow.location(public_client, redirect_uri="http://127.0.0.1:5001/cb")
    assert location.startswith("http://127.0.0.1:5001/cb?code=")


@pytest.mark.parametrize("uri", C04)
def test_C04_nothing_but_the_loopback_port_is_free(flow, public_client, uri):
    _assert_nothing_happened(flow.authorize(public_client, redirect_uri=uri))


def test_C04_loopback_uri_longer_than_its_column_is_a_page(flow):
    uri = "http://127.0.0.1/" + "a" * 1983
    client, _ = Client.objects.register(name="Long", profile="native", redirect_uris=[uri], scopes=["read"])
    asked = query(
        ("client_id", client.client_id),
        ("response_type", "code"),
        ("redirect_uri", uri.replace("127.0.0.1", "127.0.0.1:50001")),
    )
    _assert_nothing_happened(flow.browser.get(f"/authorize?{asked}"))


@pytest.mark.parametrize(
    "order", [("https://c.example/cb", "https://evil.example/"), ("https://evil.example/", "https://c.example/cb")]
)
def test_C05_two_redirect_uris_are_a_page(flow, conf_client, order):
    pairs = [("client_id", conf_client.client_id), ("response_type", "code"), *(("redirect_uri", uri) for uri in order)]
    _assert_nothing_happened(flow.browser.get(f"/authorize?{query(*pairs)}"))


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "https://evil.example/", "response_type": "token"},
        {"redirect_uri": "https://evil.example/", "prompt": "none"},
        {"client_id": "nobody", "redirect_uri": "https://evil.example/", "prompt": "none"},
        {"redirect_uri": "https://evil.example/", "scope": "admin"},
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_AS3_bad_client_or_redirect_never_leaves_the_host(flow, conf_client, changes, method):
    for browser in (flow.browser, Browser()):
        walk = Flow(browser)
        if method == "get":
            response = walk.authorize(conf_client, **changes)
        else:
            parameters = {"response_type": "code", "client_id": conf_client.client_id, **changes}
            response = post_form(browser, "/authorize", {n: v for n, v in parameters.items() if v is not None})
        _assert_nothing_happened(response)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_AS3_next_of_the_sign_in_page_never_leaves_the_host(alice, target):
    response = Browser().post(
        f"/login?next={target}", {"username": "alice", "password": "alice-password", "next": target}
    )
    assert response.status_code == 303
    assert response["Location"] == "/signed-out"


def test_AS2_http_redirect_is_registered_for_loopback_only(db):
    for profile in ("web", "spa", "native"):
        with pytest.raises(ValidationError):
            Client.objects.register(name="x", profile=profile, redirect_uris=["http://x.example/cb"], scopes=[])


@pytest.mark.parametrize(
    "uri", ["myapp:/cb", "myapp://cb", "javascript:alert(1)", "data:text/html,x", "com.example.app:/cb#x"]
)
def test_AS24_private_scheme_without_a_domain_is_not_registered(db, uri):
    with pytest.raises(ValidationError):
        Client.objects.register(name="x", profile="native", redirect_uris=[uri], scopes=[])


def test_AS24_private_scheme_in_reverse_domain_form_is_answered(flow, public_client):
    response = flow.authorize(public_client, redirect_uri="com.example.app:/cb", scope="admin")
    assert_redirected(response, "invalid_scope", to="com.example.app:/cb?")
