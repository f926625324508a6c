"""OAuth 2.0 Multiple Response Types §2.1 and OAuth 2.0 Form Post Response Mode: how an answer reaches the client."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth_provider.models import Client
from tests.flow import Flow, after_sign_in, field_of, post_form, query_of

pytestmark = pytest.mark.django_db

MODES = ["query", "fragment", "form_post"]
STATE = "s" * 120 + "&<>\"'ü☃"


def form_of(page) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes, and what it posts."""
    text = page.content.decode()
    action = html.unescape(re.search(r'<form[^>]*action="([^"]*)"', text)[1])
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    return action, {html.unescape(name): html.unescape(value) for name, value in fields}


def members_of(response, mode: str, redirect_uri: str = "https://c.example/cb") -> dict[str, str]:
    """What the client gets, and that it gets it in this way alone."""
    if mode == "form_post":
        assert response.status_code == 200
        assert "Location" not in response
        action, fields = form_of(response)
        assert action == redirect_uri
        return fields
    assert response.status_code == 303
    parts = urlsplit(response["Location"])
    carrier, other = (parts.query, parts.fragment) if mode == "query" else (parts.fragment, parts.query)
    assert not other
    return {name: values[0] for name, values in parse_qs(carrier).items()}


@pytest.mark.parametrize("mode", MODES)
def test_code_comes_in_the_mode_asked_for(flow, conf_client, mode):
    flow.location(conf_client)
    answer = members_of(flow.authorize(conf_client, response_mode=mode, state=STATE), mode)
    assert set(answer) == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (STATE, "https://provider.example")
    assert flow.redeem(conf_client, answer["code"]).status_code == 200


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"prompt": "none"}, "consent_required"),
        ({"scope": "surprise"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"nonce": ["a", "b"]}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
    ],
)
def test_error_comes_in_the_mode_asked_for(flow, conf_client, mode, change, error):
    answer = members_of(flow.authorize(conf_client, response_mode=mode, **change), mode)
    assert set(answer) == {"error", "error_description", "state", "iss"}
    assert answer["error"] == error


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_decision_is_answered_by_a_form(flow, conf_client, decision):
    page = flow.decide(flow.authorize(conf_client, response_mode="form_post", state=STATE), decision)
    answer = members_of(page, "form_post")
    assert ("code" in answer) == (decision == "allow")
    assert answer.get("error") == (None if decision == "allow" else "access_denied")
    assert answer["state"] == STATE


@pytest.mark.parametrize("mode", ["jwt", "web_message", "QUERY", "form_post query"])
def test_mode_that_is_not_served_is_told_of_in_the_query(flow, conf_client, mode):
    assert members_of(flow.authorize(conf_client, response_mode=mode), "query")["error"] == "invalid_request"


def test_mode_sent_twice_is_told_of_in_the_query(flow, conf_client):
    answer = members_of(flow.authorize(conf_client, response_mode=["form_post", "fragment"]), "query")
    assert answer["error"] == "invalid_request"


def test_nothing_is_posted_to_an_apps_own_scheme(flow, public_client):
    answer = flow.authorize(public_client, response_mode="form_post", redirect_uri="com.example.app:/cb")
    assert query_of(answer["Location"])["error"] == "invalid_request"


def test_unknown_redirect_uri_stays_a_page_in_every_mode(flow, conf_client):
    page = flow.authorize(conf_client, response_mode="form_post", redirect_uri="https://evil.example/cb")
    assert page.status_code == 400
    assert "evil.example" not in page["Content-Security-Policy"]


def test_registered_query_stays_in_the_address_and_the_answer_in_the_form(flow, conf_client):
    uri = "https://c.example/cb?tenant=1&x=%26"
    conf_client.row.set_redirect_uris([uri])
    flow.location(conf_client)
    answer = members_of(flow.authorize(conf_client, response_mode="form_post"), "form_post", uri)
    assert "code" in answer


class TestPage:
    """The page that posts: it works without scripts, and its policy names one script and one target."""

    @pytest.fixture
    def page(self, flow, conf_client):
        conf_client.row.set_redirect_uris(["https://c.example:8443/cb"])
        flow.location(conf_client)
        return flow.authorize(conf_client, response_mode="form_post", state='"><script>alert(1)</script>')

    def test_form_may_go_to_the_origin_of_the_redirect_uri_and_on_by_https(self, page):
        """Chromium holds each hop after a form against the policy: see tests/browser/test_form_post.py."""
        policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
        assert policy["form-action"] == "https://c.example:8443 https:"
        assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3

    def test_one_script_runs_and_it_is_named_by_a_nonce_of_this_page(self, page, flow, conf_client):
        policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
        text = page.content.decode()
        assert text.count("<script") == 1
        nonce = re.search(r'<script nonce="([^"]+)">', text)[1]
        assert policy["script-src"] == f"'nonce-{nonce}'"
        assert nonce not in flow.authorize(conf_client, response_mode="form_post").content.decode()

    def test_button_does_what_the_script_does(self, page):
        assert re.search(r"<form[^>]*>.*<button[^>]*type=\"submit\"", page.content.decode(), flags=re.DOTALL)

    def test_it_is_kept_by_nobody_and_tells_no_address(self, page):
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "strict-origin"
        assert page["X-Frame-Options"] == "DENY"

    def test_sources_a_site_adds_do_not_loosen_it(self, settings, flow, conf_client):
        settings.OAUTH_PROVIDER = {
            **settings.OAUTH_PROVIDER,
            "PAGES_CSP": {"script-src": ["https://cdn.example"], "form-action": ["*"]},
        }
        flow.location(conf_client)
        policy = flow.authorize(conf_client, response_mode="form_post")["Content-Security-Policy"]
        assert "cdn.example" not in policy
        assert "form-action https://c.example https:;" in policy


def test_person_who_may_not_use_the_app_goes_back_by_a_form(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(allowed_users="owners")
    page = flow.authorize(conf_client, response_mode="form_post")
    action, fields = form_of(page)
    assert (page.status_code, action, fields["error"]) == (403, "https://c.example/cb", "access_denied")
    assert "form-action https://c.example https:;" in page["Content-Security-Policy"] + ";"


def test_mode_is_kept_while_somebody_signs_in(alice, conf_client):
    flow = Flow()
    page = flow.authorize(conf_client, response_mode="form_post", prompt="login")
    consent = after_sign_in(
        flow.browser, flow.browser.post(page["Location"], {"username": "alice", "password": "alice-password"})
    )
    decision = {"request": field_of(consent, "request"), "decision": "allow"}
    done = flow.browser.get(post_form(flow.browser, "/authorize/decision", decision)["Location"])
    assert "code" in members_of(done, "form_post")


def test_posted_request_is_answered_in_its_mode(flow, conf_client):
    flow.location(conf_client)
    parameters = {"response_type": "code", "client_id": conf_client.client_id, "scope": "read",
                  "response_mode": "form_post", "code_challenge": "A" * 43,
                  "code_challenge_method": "S256"}  # fmt: skip
    stored = post_form(flow.browser, "/authorize", parameters)["Location"]
    assert "code" in members_of(flow.browser.get(stored), "form_post")
