"""Clients known by the address of their document: from a browser's request to tokens, and every way it goes wrong."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider import limits
from oauth_provider.clients import documents, status
from oauth_provider.models import AuditEvent, Client, Consent, Grant
from oauth_provider.outbound import crowd
from oauth_provider.values import Source
from tests.flow import Flow, Registered, post_form, query_of, refresh, userinfo
from tests.internet import Internet, Listener, http

pytestmark = pytest.mark.django_db

URL = "https://app.example/client.json"


@dataclass
class Published:
    """A document on the internet, which its author may change at any time."""

    client_id: str
    changes: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: str = "200 OK"
    raw: bytes | None = None
    listener: Listener | None = None

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        host = urlsplit(self.client_id).hostname
        whole = {
            "client_id": self.client_id,
            "client_name": "Notes Agent",
            "redirect_uris": [f"https://{host}/cb", "http://127.0.0.1/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "client_uri": f"https://{host}/",
            "policy_uri": f"https://{host}/privacy",
            **self.changes,
        }
        return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()

    def answer(self, connection, asked) -> None:
        connection.sendall(http(self.body, status=self.status, **self.headers))

    @property
    def row(self) -> Client:
        return Client.objects.select_related("application").get(application__client_id=self.client_id)

    @property
    def registered(self) -> Registered:
        return Registered(self.row, None)

    @property
    def fetches(self) -> int:
        return len(self.listener.requests)


class Ask:
    """What `Flow` wants to know of a client that has no row yet."""

    def __init__(self, client_id: str = URL, redirect_uri: str = "https://app.example/cb") -> None:
        self.client_id, self.secret = client_id, None
        self.row = type("Row", (), {"redirect_uris": (redirect_uri,)})


@pytest.fixture(autouse=True)
def _reads_documents(settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "CLIENT_ID_METADATA_HOSTS": ["app.example", ".agents.example"],
        "DEFAULT_SCOPES": ["read"],
    }


@pytest.fixture
def change(settings):
    def set_(**values):
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **values}

    return set_


@pytest.fixture
def publish(internet: Internet):
    def serve(url: str = URL, /, **changes: Any) -> Published:
        published = Published(url, changes)
        published.listener = internet.site(urlsplit(url).hostname, published.answer)
        return published

    return serve


@pytest.fixture
def document(publish) -> Published:
    return publish()


def make_stale(row: Client, *, since: timedelta = timedelta(minutes=1)) -> None:
    Client.objects.filter(pk=row.pk).update(document_fresh_until=timezone.now() - since)


def refused(response) -> str:
    """The page that says no; the browser goes nowhere."""
    assert response.status_code == 400, response
    return response.content.decode()


def events(*names: str) -> list[str]:
    found = AuditEvent.objects.filter(client_id__startswith="https://").order_by("pk").values_list("event", flat=True)
    return [event for event in found if not names or event in names]


def test_whole_flow_of_a_client_nobody_registered(document, flow):
    page = flow.authorize(Ask(), scope="read openid")
    shown = page.content.decode()
    assert page.status_code == 200
    assert "This app says it is <bdi>Notes Agent</bdi>; its address is" in shown
    assert '<strong><bdi dir="ltr">app.example</bdi></strong>' in shown
    assert 'href="https://app.example/privacy"' in shown
    tokens = flow.tokens(document.registered, scope="read openid")
    assert tokens["scope"] == "read openid"
    assert userinfo(tokens["access_token"]).status_code == 200
    renewed = refresh(document.registered, tokens["refresh_token"])
    assert renewed.status_code == 200
    assert document.fetches == 1


def test_row_of_a_document(document, flow):
    before = timezone.now()
    flow.authorize(Ask())
    row, application = document.row, document.row.application
    assert (row.profile, row.status, row.auth_method, row.registration_source) == ("mcp", "active", "none", "document")
    assert (row.name, row.redirect_uris) == ("Notes Agent", ("https://app.example/cb", "http://127.0.0.1/cb"))
    assert row.grant_types == ["authorization_code", "refresh_token"]
    assert row.response_types == ["code"]
    assert (row.allowed_scopes, row.default_scopes) == (["read", "openid"], ["read"])
    assert (row.client_uri, row.policy_uri) == ("https://app.example/", "https://app.example/privacy")
    assert (row.require_pkce, row.first_party, row.resources, row.resource_server_for) == (True, False, [], [])
    assert (application.client_type, application.user, application.skip_authorization) == ("public", None, False)
    assert list(row.secrets.all()) == []
    assert before + timedelta(hours=23) < row.unconfirmed_until < timezone.now() + timedelta(hours=25)


def test_C58_members_nobody_asked_for_have_no_effect(publish, flow, alice):
    taken = {
        "skip_authorization": True,
        "user": alice.pk,
        "user_id": alice.pk,
        "owners": [alice.pk],
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
        "is_staff": True,
        "is_superuser": True,
        "first_party": True,
        "profile": "first_party",
        "status": "suspended",
        "registration_source": "admin",
        "unconfirmed_until": None,
        "document_fresh_until": "2999-01-01T00:00:00Z",
        "allowed_scopes": ["*"],
        "default_scopes": ["write"],
        "resources": ["https://other.example"],
        "resource_server_for": ["*"],
        "require_pkce": False,
        "token_format": "opaque",
        "access_token_lifetime": 999_999,
        "service_account": alice.pk,
        "allowed_users": "owners",
        "id": 1,
        "pk": 1,
        "jwks_uri": "https://127.0.0.1/keys",
        "sector_identifier_uri": "https://169.254.169.254/latest",
        "backchannel_logout_uri": "http://10.0.0.1/",
        "hash_client_secret": False,
    }
    document = publish(**taken)
    page = flow.authorize(Ask())
    assert page.status_code == 200
    row, application = document.row, document.row.application
    assert (application.user, application.skip_authorization, application.client_type) == (None, False, "public")
    assert application.authorization_grant_type == "authorization-code"
    assert (row.profile, row.status, row.first_party, row.registration_source) == ("mcp", "active", False, "document")
    assert (row.allowed_scopes, row.default_scopes, row.resources, row.resource_server_for) == (
        ["read", "openid"],
        ["read"],
        [],
        [],
    )
    assert (row.require_pkce, row.token_format, row.access_token_lifetime) == (True, "jwt", None)
    assert (row.service_account, row.allowed_users, row.owners.count()) == (None, "everyone", 0)
    assert row.unconfirmed_until is not None
    assert row.document_fresh_until < timezone.now() + timedelta(days=2)
    assert document.listener.paths == ["/client.json"]
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (False, False)


def test_metadata_says_so_only_where_documents_are_read(change):
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        change(CLIENT_ID_METADATA_HOSTS=["app.example"])
        assert Browser().get(path).json()["client_id_metadata_document_supported"] is True
        change(CLIENT_ID_METADATA_HOSTS=[])
        assert "client_id_metadata_document_supported" not in Browser().get(path).json()


# Who is it read for


def test_nothing_is_read_for_a_stranger_who_signs_in_first(document, alice):
    browser = Browser()
    response = Flow(browser).authorize(Ask())
    assert response.status_code == 303
    assert urlsplit(response["Location"]).path == "/login"
    assert document.listener.connections == 0
    come_back = query_of(response["Location"])["next"]
    browser.force_login(alice)
    assert browser.get(come_back).status_code == 200
    assert document.fetches == 1


def test_silent_request_of_a_stranger_is_a_page(document, internet):
    refused(Flow(Browser()).authorize(Ask(), prompt="none"))
    assert internet.lookups == []
    assert not Client.objects.exists()


def test_silent_request_of_a_person_gets_the_protocols_answer(document, flow):
    response = flow.authorize(Ask(), prompt="none")
    assert query_of(response["Location"])["error"] == "consent_required"
    assert document.fetches == 1


def test_posted_request_is_read_when_the_browser_comes_back(document, flow):
    parameters = {"client_id": URL, "redirect_uri": "https://app.example/cb", "response_type": "code", "scope": "read",
                  "code_challenge": "c" * 43, "code_challenge_method": "S256", "state": "a b&c",
                  "resource": ["https://provider.example"]}  # fmt: skip
    stranger = post_form(Browser(), "/authorize", parameters)
    assert stranger.status_code == 303
    assert document.listener.connections == 0
    asked = parse_qs(urlsplit(stranger["Location"]).query)
    assert asked == {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    assert flow.browser.get(stranger["Location"]).status_code == 200
    known = post_form(flow.browser, "/authorize", parameters)
    assert set(query_of(known["Location"])) == {"request"}
    assert flow.browser.get(known["Location"]).status_code == 200


def test_posted_request_with_a_doubled_parameter_is_refused(document):
    body = f"client_id={quote(URL)}&redirect_uri=https://app.example/cb&state=a&state=b"
    assert "Sent more than once" in refused(post_form(Browser(), "/authorize", body))


@pytest.mark.parametrize("method", ["get", "post"])
def test_request_too_long_for_a_sign_in_page_is_a_page(document, method):
    parameters = {"client_id": URL, "redirect_uri": "https://app.example/cb", "state": "x" * 3000}
    browser = Browser()
    response = (
        browser.get("/authorize", parameters) if method == "get" else post_form(browser, "/authorize", parameters)
    )
    assert "too long" in refused(response)
    assert document.listener.connections == 0


def test_token_endpoint_never_reads_a_document(document, flow):
    unknown = post_form(Browser(), "/token", {"grant_type": "authorization_code", "client_id": URL, "code": "x"})
    assert unknown.json()["error"] == "invalid_client"
    flow.authorize(Ask())
    tokens = flow.tokens(document.registered)
    make_stale(document.row, since=timedelta(days=30))
    assert refresh(document.registered, tokens["refresh_token"]).status_code == 200
    assert document.fetches == 1


# Which documents


@pytest.mark.parametrize(
    ("hosts", "client_id"),
    [
        ([], "https://app.example/c"),
        (["app.example"], "https://evil.example/c"),
        (["app.example"], "https://sub.app.example/c"),
        (["app.example"], "https://app.example.evil.example/c"),
        (["app.example"], "https://notapp.example/c"),
        ([".agents.example"], "https://notagents.example/c"),
        ([".agents.example"], "https://agents.example.evil.example/c"),
        (["app.example"], "https://app.example@evil.example/c"),
        (["app.example"], "https://evil.example/app.example"),
        (["app.example"], "https://evil.example?app.example"),
    ],
)
def test_document_of_another_host_is_not_read(internet, flow, change, hosts, client_id):
    change(CLIENT_ID_METADATA_HOSTS=hosts)
    for name in ("app.example", "evil.example", "notapp.example", "agents.example"):
        internet.site(name)
    assert "No app is registered" in refused(flow.authorize(Ask(client_id)))
    assert (internet.lookups, internet.connected) == ([], [])


@pytest.mark.parametrize(
    ("hosts", "client_id"),
    [
        ([".agents.example"], "https://agents.example/c"),
        ([".agents.example"], "https://one.agents.example/c"),
        ([".agents.example"], "https://a.b.agents.example/c"),
        (["*"], "https://anybody.example/c"),
    ],
)
def test_document_of_an_allowed_host_is_read(publish, flow, change, hosts, client_id):
    change(CLIENT_ID_METADATA_HOSTS=hosts)
    document = publish(client_id)
    assert flow.authorize(Ask(client_id, f"https://{urlsplit(client_id).hostname}/cb")).status_code == 200
    assert document.fetches == 1


def test_host_taken_off_the_list_takes_its_clients_along(document, flow, change):
    flow.authorize(Ask())
    change(CLIENT_ID_METADATA_HOSTS=["agents.example"])
    refused(flow.authorize(Ask()))
    assert refused(Flow(Browser()).authorize(Ask(), prompt="none"))


@pytest.mark.parametrize(
    "client_id",
    [
        "https://app.example",
        "https://app.example?x",
        "https://app.example/c?x=y",
        "https://app.example/c?",
        "https://app.example/c#x",
        "https://app.example/./c",
        "https://app.example/a/../c",
        "https://app.example/a/%2e%2E/c",
        "https://app.example/a/.%2e/c",
        "https://app.example/..",
        "https://user@app.example/c",
        "https://user:pw@app.example/c",
        "https://APP.example/c",
        "https://app.example:443/c",
        "https://app.example:8443/c",
        "https://app.example:/c",
        "https://app.example./c",
        "https://app.example/" + "c" * 250,
        "https://app.example/\u00e4",
        "https://app.example/a b",
        "https://[::1]/c",
        "https://[/c",
        "https://127.0.0.1/c",
        "https://0x7f000001/c",
        "https://2130706433/c",
    ],
)
def test_client_id_that_is_no_address_of_a_document_is_refused_before_anything_is_looked_up(
    internet, flow, change, client_id
):
    change(CLIENT_ID_METADATA_HOSTS=["*"])
    internet.site("app.example")
    refused(flow.authorize(Ask(client_id)))
    assert (internet.lookups, internet.connected) == ([], [])
    assert not Client.objects.exists()


def test_C59_document_inside_is_refused_and_the_listener_sees_nobody(internet, flow, change):
    change(CLIENT_ID_METADATA_HOSTS=["*"])
    inside = internet.inside()
    for number, address in enumerate(
        ["127.0.0.1", "169.254.169.254", "::ffff:7f00:1", "64:ff9b:1::7f00:1", "10.0.0.1"]
    ):
        internet.name(f"app{number}.example", [address])
        page = refused(flow.authorize(Ask(f"https://app{number}.example/c")))
        # To a stranger every trouble looks the same.
        assert "could not be read" in page
        assert address not in page
    assert (inside.connections, internet.connected) == (0, [])


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


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http(status="301 Moved", Location="https://app.example/other"), id="301"),
        pytest.param(http(status="500 Trouble"), id="500"),
        pytest.param(http(status="201 Created"), id="201"),
        pytest.param(http(b"x" * 16_385), id="longer than 16 KB"),
        pytest.param(http(b"x", Content_Encoding="gzip"), id="packed"),
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
    ],
)
def test_C61_answer_that_is_no_document_is_refused(internet, flow, answer):
    internet.site("app.example", answer)
    page = refused(flow.authorize(Ask()))
    assert "could not be read" in page
    assert not Client.objects.exists()


def test_C61_certificate_of_another_name_is_refused(internet, flow):
    site = internet.site("app.example", certificate="evil.example")
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert site.requests == []


def test_C61_slow_document_ends_within_the_deadline_and_the_next_request_does_not_wait(internet, flow, conf_client):
    def drip(connection, asked):
        while True:
            connection.sendall(b"H")
            time.sleep(1)

    internet.site("app.example", drip)
    begin = time.monotonic()
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert time.monotonic() - begin < 15
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert internet.lookups == ["app.example"]
    assert flow.authorize(conf_client).status_code == 200


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
    ("most", "asked", "given"),
    [
        ((), None, ["read", "openid"]),
        ((), "read write openid introspection", ["read", "openid"]),
        ((), "write", []),
        (["read", "write"], None, ["read", "write"]),
        (["read", "write"], "write openid * unknown", ["write"]),
    ],
)
def test_scopes_are_those_a_client_that_registers_itself_may_have(publish, flow, change, most, asked, given):  # noqa: PLR0917  # fixtures
    change(REGISTRATION_SCOPES=most)
    document = publish(scope=asked)
    flow.authorize(Ask())
    assert document.row.allowed_scopes == given
    assert query_of(flow.authorize(Ask(), scope="introspection")["Location"])["error"] == "invalid_scope"


# How long it counts


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 3600),
        ({"Cache_Control": "max-age=1800"}, 1800),
        ({"Cache_Control": 'public, MAX-AGE="1800"'}, 1800),
        ({"Cache_Control": "s-maxage=60, max-age=1800"}, 1800),
        ({"Cache_Control": "max-age=1800", "Age": "600"}, 1200),
        ({"Cache_Control": "max-age=1800", "Age": "nonsense"}, 1800),
        ({"Cache_Control": "max-age=5"}, 300),
        ({"Cache_Control": "max-age=9999999999"}, 86400),
        ({"Cache_Control": "max-age=" + "9" * 500}, 86400),
        ({"Cache_Control": "no-store"}, 300),
        ({"Cache_Control": "no-cache, max-age=1800"}, 300),
        ({"Cache_Control": "max-age=-1"}, 3600),
        ({"Cache_Control": "nonsense"}, 3600),
        ({"Expires": "0"}, 300),
        ({"Expires": "nonsense", "Date": "nonsense"}, 300),
        ({"Expires": "Tue, 24 Nov 2026 14:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 7200),
        ({"Expires": "Tue, 24 Nov 2026 11:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 300),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 86400),
    ],
    ids=str,
)
def test_document_stays_fresh_as_its_server_says_within_bounds(document, flow, headers, seconds):
    document.headers = headers
    before = timezone.now()
    flow.authorize(Ask())
    kept = (document.row.document_fresh_until - before).total_seconds()
    assert seconds - 5 <= kept <= seconds + 60


def test_fresh_document_is_not_read_again(document, flow):
    for _ in range(3):
        assert flow.authorize(Ask()).status_code == 200
    assert document.fetches == 1


def test_stale_document_is_read_again_and_what_changed_is_the_clients(document, flow):
    flow.authorize(Ask())
    flow.tokens(document.registered)
    make_stale(document.row)
    document.changes = {
        "client_name": "Notes Agent 2",
        "redirect_uris": ["https://app.example/new"],
        "scope": "read",
        "policy_uri": None,
        "grant_types": ["authorization_code"],
    }
    # The address that vanished is no target any more (AS1, AS3).
    assert "not registered" in refused(flow.authorize(Ask()))
    assert flow.authorize(Ask(redirect_uri="https://app.example/new")).status_code == 200
    row = document.row
    assert (row.name, row.redirect_uris, row.policy_uri) == ("Notes Agent 2", ("https://app.example/new",), "")
    assert (row.allowed_scopes, row.grant_types) == (["read"], ["authorization_code"])
    assert row.document_fresh_until > timezone.now()
    assert document.fetches == 2
    event = AuditEvent.objects.get(event="client_changed")
    assert event.detail == {
        "fields": [
            *sorted(["allowed_scopes", "grant_types", "policy_uri", "requested_scopes"]),
            "name",
            "redirect_uris",
        ],
        "redirect_uris_added": ["https://app.example/new"],
        "redirect_uris_removed": ["https://app.example/cb", "http://127.0.0.1/cb"],
    }


def test_stale_document_that_says_the_same_writes_no_event(document, flow):
    flow.authorize(Ask())
    flow.tokens(document.registered)
    make_stale(document.row)
    assert flow.authorize(Ask()).status_code == 200
    assert (document.fetches, events("client_changed")) == (2, [])
    assert document.row.document_fresh_until > timezone.now()


def test_change_of_an_unconfirmed_client_writes_no_event(document, flow):
    flow.authorize(Ask())
    make_stale(document.row)
    document.changes = {"client_name": "Another"}
    flow.authorize(Ask())
    assert document.row.name == "Another"
    assert not AuditEvent.objects.filter(event__in=["client_registered", "client_changed"]).exists()


def test_what_an_admin_took_from_a_client_does_not_come_back_with_the_next_reading(publish, flow):
    document = publish(scope="read openid")
    flow.authorize(Ask())
    Client.objects.filter(pk=document.row.pk).update(allowed_scopes=["openid"], default_scopes=[])
    make_stale(document.row)
    document.changes["client_name"] = "Another"
    flow.authorize(Ask(), scope="openid")
    assert (document.row.name, document.row.allowed_scopes) == ("Another", ["openid"])


@pytest.mark.parametrize(
    "trouble", ["500 Trouble", "429 Too Many Requests", "301 Moved", "name", "certificate", "long"]
)
def test_document_that_cannot_be_fetched_stays_good_for_a_day(document, internet, flow, trouble):
    flow.authorize(Ask())
    make_stale(document.row, since=timedelta(hours=23))
    if trouble == "name":
        internet.name("app.example", [])
    elif trouble == "certificate":
        internet.site("app.example", certificate="evil.example")
    elif trouble == "long":
        document.raw = b"x" * 20_000
    else:
        document.status = trouble
    assert flow.authorize(Ask()).status_code == 200
    make_stale(document.row, since=timedelta(hours=25))
    crowd.forget()
    assert "could not be read" in refused(flow.authorize(Ask()))
    assert Client.objects.filter(pk=document.row.pk).exists()


@pytest.mark.parametrize("end", ["404 Not Found", "410 Gone", "wrong"])
def test_document_that_is_gone_or_wrong_ends_the_client_at_once(document, flow, end):
    flow.authorize(Ask())
    make_stale(document.row)
    assert query_of(Flow(Browser()).authorize(Ask(), prompt="none")["Location"])["error"] == "login_required"
    if end == "wrong":
        document.changes = {"client_id": "https://app.example/other"}
    else:
        document.status = end
    assert "cannot be used" in refused(flow.authorize(Ask()))
    # Nobody is redirected to where it once pointed, not even with an error (AS3).
    refused(Flow(Browser()).authorize(Ask(), prompt="none"))
    assert "cannot be used" in refused(flow.authorize(Ask()))
    document.changes, document.status = {}, "200 OK"
    assert flow.authorize(Ask()).status_code == 200


def test_stranger_is_not_sent_anywhere_by_a_document_that_is_long_stale(document, flow):
    flow.authorize(Ask())
    make_stale(document.row, since=timedelta(hours=25))
    refused(Flow(Browser()).authorize(Ask(), prompt="none"))
    response = Flow(Browser()).authorize(Ask())
    assert urlsplit(response["Location"]).path == "/login"
    assert document.fetches == 1


def test_suspended_client_is_refused_and_its_document_left_alone(document, flow):
    flow.authorize(Ask())
    status.suspend(document.row)
    make_stale(document.row)
    assert "cannot be used at present" in refused(flow.authorize(Ask()))
    assert document.fetches == 1


def test_client_registered_by_hand_under_an_address_needs_no_document(internet, flow):
    site = internet.site("app.example")
    row, _ = Client.objects.register(
        name="By hand", profile="mcp", client_id=URL, redirect_uris=["https://app.example/cb"], scopes=["read"]
    )
    assert flow.authorize(Registered(row, None)).status_code == 200
    assert site.connections == 0


def test_application_of_the_toolkit_under_the_same_address_is_no_crash_and_not_taken_over(document, flow):
    Application.objects.create(client_id=URL, name="Theirs", client_type="public", authorization_grant_type="implicit")
    assert "No app is registered" in refused(flow.authorize(Ask()))
    assert Application.objects.get(client_id=URL).name == "Theirs"


# Consent


def test_AS23_consent_is_asked_each_time(document, flow, alice):
    flow.authorize(Ask())
    for _ in range(2):
        flow.tokens(document.registered)
        assert flow.authorize(document.registered).status_code == 200
    assert Consent.objects.get(user=alice).remembered_until is None


def test_first_person_who_allows_it_confirms_it_and_the_event_says_what_it_is(document, flow, alice, bob):
    flow.location(Ask(), "deny")
    assert document.row.unconfirmed_until is not None
    flow.tokens(document.registered)
    assert document.row.unconfirmed_until is None
    browser = Browser()
    browser.force_login(bob)
    Flow(browser).tokens(document.registered)
    event = AuditEvent.objects.get(event="client_confirmed")
    assert (event.client_id, event.user_id) == (URL, str(alice.pk))
    assert event.address
    assert event.detail == {
        "status": "active",
        "source": "document",
        "registered_at": document.row.created_at.isoformat(),
        "profile": "mcp",
        "name": "Notes Agent",
        "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "scopes": ["read", "openid"],
    }
    assert "client_registered" not in events()


def test_device_confirms_too(device_client, alice, flow):
    Client.objects.filter(pk=device_client.row.pk).update(unconfirmed_until=timezone.now() + timedelta(hours=1))
    asked = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    for decision in ({}, {"decision": "allow"}):
        assert post_form(flow.browser, "/device", {"user_code": asked["user_code"], **decision}).status_code == 200
    device_client.row.refresh_from_db()
    assert device_client.row.unconfirmed_until is None
    assert AuditEvent.objects.get(event="client_confirmed").user_id == str(alice.pk)


# Bounds


def test_abandoned_clients_leave_no_more_than_the_bound_and_no_events(publish, flow, change):
    change(UNCONFIRMED_CLIENTS=5)
    document = publish("https://one.agents.example/0")
    for number in range(40):
        document.client_id = f"https://one.agents.example/{number}"
        limits.forget()
        limits.cache.clear()
        assert flow.authorize(Ask(document.client_id, "https://one.agents.example/cb")).status_code == 200
        assert Client.objects.count() <= 5
    kept = sorted(Client.objects.values_list("application__client_id", flat=True))
    assert kept == sorted(f"https://one.agents.example/{number}" for number in range(35, 40))
    assert Application.objects.count() == 5
    assert events() == []


def test_confirmed_clients_are_not_counted_and_stay(publish, flow, change):
    change(UNCONFIRMED_CLIENTS=1)
    document = publish("https://one.agents.example/0")
    for number in range(4):
        document.client_id = f"https://one.agents.example/{number}"
        flow.authorize(Ask(document.client_id, "https://one.agents.example/cb"))
        if number < 2:
            flow.tokens(document.registered)
    kept = sorted(Client.objects.values_list("application__client_id", flat=True))
    assert kept == [f"https://one.agents.example/{number}" for number in (0, 1, 3)]
    assert Grant.objects.count() == 2


def test_client_whose_time_is_up_goes_with_the_next_registration_or_the_clean_up(publish, flow, capsys):
    document = publish("https://one.agents.example/0")
    for number in range(3):
        document.client_id = f"https://one.agents.example/{number}"
        flow.authorize(Ask(document.client_id, "https://one.agents.example/cb"))
        Client.objects.filter(pk=document.row.pk).update(unconfirmed_until=timezone.now() - timedelta(seconds=1))
    assert Client.objects.count() == 1
    call_command("oauth_clear_expired", "--dry-run")
    assert "self-registered clients: 1 would go" in capsys.readouterr().out
    call_command("oauth_clear_expired")
    assert "self-registered clients: 1 deleted" in capsys.readouterr().out
    assert not Client.objects.exists()
    assert not Application.objects.exists()


def test_documents_a_minute_are_limited_before_anything_is_fetched(publish, flow, bob):
    document = publish()
    document.raw = b"wrong"
    for number in range(25):
        page = refused(flow.authorize(Ask()))
        assert ("cannot be used" in page) is (number < documents.READ_PER_MINUTE)
    assert document.fetches == documents.READ_PER_MINUTE
    # From the same address, whoever asks.
    browser = Browser()
    browser.force_login(bob)
    refused(Flow(browser).authorize(Ask()))
    # The same person, whatever the address.
    assert "could not be read" in refused(flow.browser.get("/authorize", {"client_id": URL}, REMOTE_ADDR="192.0.2.7"))
    assert document.fetches == documents.READ_PER_MINUTE
    other = Browser(REMOTE_ADDR="192.0.2.8")
    other.force_login(bob)
    refused(Flow(other).authorize(Ask()))
    assert document.fetches == documents.READ_PER_MINUTE + 1


def test_known_client_goes_on_over_the_limit(document, flow):
    flow.authorize(Ask())
    for _ in range(documents.READ_PER_MINUTE + 3):
        make_stale(document.row)
        assert flow.authorize(Ask()).status_code == 200
    assert document.fetches == documents.READ_PER_MINUTE


# Two at once


def test_two_requests_that_both_saw_no_row_make_one(document, alice):
    first = documents.find_or_fetch(URL, None, user=alice, source=Source())
    second = documents.find_or_fetch(URL, None, user=alice, source=Source())
    assert first.pk == second.pk
    assert Client.objects.count() == 1


def test_client_that_was_cleared_away_while_its_document_was_read_is_made_again(document, alice, flow):
    flow.authorize(Ask())
    make_stale(document.row)
    seen = Client.objects.named(URL)
    document.row.erase()
    found = documents.find_or_fetch(URL, seen, user=alice, source=Source())
    assert (found.pk != seen.pk, document.row.pk) == (True, found.pk)
