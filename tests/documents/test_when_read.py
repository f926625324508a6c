"""Who a document is read for, of which hosts, and how often; never at the token endpoint."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client as Browser

from oauth_provider.clients import documents
from oauth_provider.models import Client
from tests.documents.published import URL, Ask, make_stale, refused
from tests.flow import Flow, post_form, query_of, refresh

pytestmark = pytest.mark.django_db


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
