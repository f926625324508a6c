"""What a document may say, and what is made of it."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from oauth2_provider.models import Application

from oauth_provider.models import Client
from tests.documents.published import URL, Ask, refused
from tests.flow import post_form, query_of

pytestmark = pytest.mark.django_db


WRONG = {
    "client_id of another": {"client_id": "https://app.example/other.json"},
    "client_id with another slash": {"client_id": "https://app.example//client.json"},
    "client_id in capitals": {"client_id": "https://APP.example/client.json"},
    "client_id missing": {"client_id": None},
    "client_id a list": {"client_id": [URL]},
    "secret": {"client_secret": "x"},
    "secret that is empty": {"client_secret": ""},
    "secret's end": {"client_secret_expires_at": 0},
    "client_secret_basic": {"token_endpoint_auth_method": "client_secret_basic"},
    "client_secret_post": {"token_endpoint_auth_method": "client_secret_post"},
    "client_secret_jwt": {"token_endpoint_auth_method": "client_secret_jwt"},
    "private_key_jwt": {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/keys"},
    "method a list": {"token_endpoint_auth_method": ["none"]},
    "no name": {"client_name": None},
    "empty name": {"client_name": "  "},
    "name too long": {"client_name": "x" * 256},
    "name a number": {"client_name": 5},
    "name reversed": {"client_name": "Bank\u202etoN"},
    "name with a mark": {"client_name": "Notes\u200fAgent"},
    "name isolated": {"client_name": "\u2066Notes"},
    "name with a zero width space": {"client_name": "No\u200btes"},
    "name over two lines": {"client_name": "Notes\nAgent"},
    "name with a paragraph": {"client_name": "Notes\u2029Agent"},
    "name with NUL": {"client_name": "Notes\x00"},
    "name with half a sign": {"client_name": "Notes\ud800"},
    "no redirect URIs": {"redirect_uris": None},
    "empty redirect URIs": {"redirect_uris": []},
    "redirect URI a text": {"redirect_uris": "https://app.example/cb"},
    "redirect URI a number": {"redirect_uris": [5]},
    "AS2 http": {"redirect_uris": ["https://app.example/cb", "http://app.example/cb"]},
    "AS2 http on another machine": {"redirect_uris": ["http://192.168.1.1/cb"]},
    "AS24 private scheme": {"redirect_uris": ["com.example.app:/cb"]},
    "AS24 scheme without a domain": {"redirect_uris": ["myapp:/cb"]},
    "javascript": {"redirect_uris": ["javascript:alert(1)"]},
    "data": {"redirect_uris": ["data:text/html,x"]},
    "fragment": {"redirect_uris": ["https://app.example/cb#x"]},
    "wildcard": {"redirect_uris": ["https://*.app.example/cb"]},
    "user name": {"redirect_uris": ["https://user@app.example/cb"]},
    "two redirect URIs in one": {"redirect_uris": ["https://app.example/cb https://evil.example/cb"]},
    "redirect URI with NUL": {"redirect_uris": ["https://app.example/\x00"]},
    "10 001 redirect URIs": {"redirect_uris": [f"https://a.b/{number}" for number in range(500)]},
    "implicit only": {"grant_types": ["implicit"]},
    "machine only": {"grant_types": ["client_credentials"]},
    "grants a text": {"grant_types": "authorization_code"},
    "token only": {"response_types": ["token"]},
    "http home page": {"client_uri": "http://app.example/"},
    "javascript policy": {"policy_uri": "javascript:alert(1)"},
    "data logo": {"logo_uri": "data:image/png;base64,AA"},
    "logo inside": {"logo_uri": "https://169.254.169.254/logo.png"},
    "terms at a number": {"tos_uri": "https://0x7f000001/"},
    "terms a list": {"tos_uri": ["https://app.example/"]},
    "scope a list": {"scope": ["read"]},
    "C59 sign-outs told inside": {"backchannel_logout_uri": "https://10.0.0.1/"},
    "C59 sign-outs told without TLS": {"backchannel_logout_uri": "http://app.example/logout"},
    "sign-outs told with a fragment": {"backchannel_logout_uri": "https://app.example/logout#x"},
    "sign-in begun without TLS": {"initiate_login_uri": "http://app.example/start"},
    "frame where no redirect URI is": {
        "redirect_uris": ["https://other.example/cb"],
        "frontchannel_logout_uri": "https://app.example/out",
    },
    "AS3 sent anywhere after signing out": {"post_logout_redirect_uris": ["http://app.example/out"]},
    "AS3 sent to a script after signing out": {"post_logout_redirect_uris": ["javascript:alert(1)"]},
    "session required a text": {"backchannel_logout_session_required": "true"},
    "ways of signing in a text": {"default_acr_values": "1"},
    "contacts a text": {"contacts": "a@app.example"},
    "software id too long": {"software_id": "x" * 256},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_C57_C61_document_that_breaks_a_rule_is_refused_and_leaves_no_row(publish, flow, changes):
    document = publish(**changes)
    page = refused(flow.authorize(Ask()))
    assert "The document of this app cannot be used" in page
    assert document.fetches == 1
    assert not Client.objects.exists()
    assert not Application.objects.exists()
    # Nothing that was wrong is remembered: a mended document is read.
    document.changes = {}
    assert flow.authorize(Ask()).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{",
        b"{}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"client_id": NaN}',
        b'{"client_id": ' + b"9" * 5000 + b"}",
        b'{"client_id": "' + URL.encode() + b'", "client_id": "' + URL.encode() + b'"}',
        b"[" * 16_000,
        b'{"a":' * 3000,
        b"<html>",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_document_that_is_no_json_object_is_refused(document, flow, raw):
    document.raw = raw
    assert "The document of this app cannot be used" in refused(flow.authorize(Ask()))


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "", "application/jsonp", "application/+json"])
def test_document_of_another_type_is_refused(document, flow, content_type):
    document.headers = {"Content-Type": content_type}
    assert "Content-Type" in refused(flow.authorize(Ask()))


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/cimd+json", "application/ld+json"],
)
def test_document_of_any_json_type_is_read(document, flow, content_type):
    document.headers = {"Content-Type": content_type}
    assert flow.authorize(Ask()).status_code == 200


def test_addresses_of_other_sites_are_not_shown_as_the_apps_own(publish, flow):
    document = publish(
        client_uri="https://bank.example/",
        policy_uri="https://bank.example/privacy",
        tos_uri="https://app.example/terms",
        logo_uri="https://cdn.app.example/logo.png",
    )
    shown = flow.authorize(Ask()).content.decode()
    assert "bank.example" not in shown
    row = document.row
    assert (row.client_uri, row.policy_uri, row.logo_uri) == ("", "", "")
    assert row.tos_uri == "https://app.example/terms"


def test_AS3_C59_nobody_has_us_send_a_sign_out_or_a_person_to_another_site(publish, flow):
    document = publish(
        redirect_uris=["https://bank.example/cb", "https://app.example/cb"],
        backchannel_logout_uri="https://api.app.example/logout",
        frontchannel_logout_uri="https://bank.example/frame",
        initiate_login_uri="https://bank.example/start",
    )
    assert flow.authorize(Ask()).status_code == 200
    row = document.row
    assert (row.backchannel_logout_uri, row.frontchannel_logout_uri, row.initiate_login_uri) == ("", "", "")


def test_ways_of_signing_in_are_those_the_site_knows(publish, flow, change):
    change(ACR_VALUES=["gold"])
    document = publish(default_acr_values=["of another site", "gold", "gold"])
    flow.authorize(Ask())
    assert document.row.default_acr_values == ["gold"]
    change(ACR_VALUES=[])
    other = publish("https://app.example/other.json", default_acr_values=["two words", "silver"])
    flow.authorize(Ask("https://app.example/other.json"))
    assert other.row.default_acr_values == ["silver"]


def test_C64_name_is_shown_as_text(publish, flow):
    publish(client_name="<img src=x onerror=alert(1)>")
    shown = flow.authorize(Ask()).content.decode()
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_document_may_leave_out_what_has_a_default(publish, flow):
    document = publish(
        grant_types=None, response_types=None, token_endpoint_auth_method=None, client_uri=None, policy_uri=None
    )
    flow.authorize(Ask())
    # RFC 7591 §2: without grant_types it is the code alone.
    assert document.row.grant_types == ["authorization_code"]
    assert "refresh_token" not in flow.tokens(document.registered)


def test_grant_types_that_the_profile_has_not_are_left_out(publish, flow):
    device = "urn:ietf:params:oauth:grant-type:device_code"
    document = publish(grant_types=["authorization_code", "client_credentials", "implicit", device])
    flow.authorize(Ask())
    assert document.row.grant_types == ["authorization_code"]
    for grant_type in ("client_credentials", device):
        response = post_form(Browser(), "/token", {"grant_type": grant_type, "client_id": URL, "device_code": "x"})
        assert response.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "case",
    [
        ((), None, ["read", "openid"]),
        ((), "read write openid introspection", ["read", "openid"]),
        ((), "write", []),
        (["read", "write"], None, ["read", "write"]),
        (["read", "write"], "write openid * unknown", ["write"]),
    ],
)
def test_scopes_are_those_a_client_that_registers_itself_may_have(publish, flow, change, case):
    most, asked, given = case
    change(REGISTRATION_SCOPES=most)
    document = publish(scope=asked)
    flow.authorize(Ask())
    assert document.row.allowed_scopes == given
    assert query_of(flow.authorize(Ask(), scope="introspection")["Location"])["error"] == "invalid_scope"
