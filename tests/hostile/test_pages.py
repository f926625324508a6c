"""Pages people see: not framed, not cached; two clicks, two tabs, two people, stale forms."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.consent import not_me
from oauth_provider.models import AuthorizationCode, Consent, Grant, StoredRequest
from tests.flow import Flow, field_of, post_form
from tests.hostile.expect import assert_page, rows

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {
    "default-src": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


@pytest.fixture
def without_middleware(settings):
    """Only what the pages cannot do without: sessions and people."""
    helpful = ("SecurityMiddleware", "XFrameOptionsMiddleware", "CommonMiddleware", "CorsMiddleware")
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith(helpful)]


def _pages(flow, conf_client, device_client):
    browser = flow.browser
    started = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    consent = flow.authorize(conf_client)
    yield "consent", consent
    yield "continue", flow.decide(consent)
    app = f"/connected-apps/{conf_client.row.pk}"
    yield "connected apps", browser.get("/connected-apps")
    yield "connected app", browser.get(app)
    yield "end of an app", browser.get(f"{app}/end")
    yield "everywhere", browser.get("/connected-apps/sign-out-everywhere")
    yield "everywhere, wrong", browser.post("/connected-apps/sign-out-everywhere", {"password": "wrong"})
    link = urlsplit(not_me.link(Consent.objects.get())).path
    yield "not me", Browser().get(link)
    yield "not me, wrong", Browser().get("/not-me/x")
    yield "not me, ended", Browser().post(link, follow=True)
    yield "sign-in consent", flow.authorize(conf_client, scope="openid", prompt="consent")
    yield "error", flow.authorize(conf_client, redirect_uri="https://evil.example/")
    yield "device", browser.get("/device")
    yield "device, wrong", browser.post("/device", {"user_code": "x"})
    yield "device, confirm", browser.post("/device", {"user_code": started["user_code"]})
    yield "device, done", browser.post("/device", {"user_code": started["user_code"], "decision": "allow"})
    yield "login", Browser().get("/login")
    yield "login, wrong", Browser().post("/login", {"username": "alice", "password": "wrong"})
    yield "signed in", browser.get("/signed-out")
    yield "sign out?", browser.get("/end_session")
    yield "stays", browser.post("/end_session/decision", {"decision": "stay"})
    yield "signed out", browser.post("/signed-out")


def test_AS18_AS20_every_page_protects_itself(without_middleware, flow, conf_client, device_client):
    for name, response in _pages(flow, conf_client, device_client):
        assert response.status_code in {200, 400}, name
        for header, value in HEADERS.items():
            assert value in response.headers[header], (name, header)
        policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
        for directive, value in POLICY.items():
            assert policy[directive] == value, (name, directive)
        assert "'unsafe-inline'" not in response["Content-Security-Policy"], name
        assert response["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
        text = response.content.decode()
        assert "<script" not in text, name
        # AS20: nothing is fetched from elsewhere.
        assert 'src="http' not in text, name
        assert "Set-Cookie" not in response.headers, name


def _click(browser, request_id, decision="allow"):
    return post_form(browser, "/authorize/decision", {"request": request_id, "decision": decision})


@pytest.mark.parametrize("second", ["allow", "deny"])
def test_two_clicks_lead_to_the_same_place_and_one_code(flow, conf_client, second):
    request_id = field_of(flow.authorize(conf_client), "request")
    first, again = _click(flow.browser, request_id), _click(flow.browser, request_id, second)
    assert first.status_code == again.status_code == 303
    pages = [flow.browser.get(response["Location"]).content for response in (first, again)]
    assert pages[0] == pages[1]
    assert b"code=op_ac_" in pages[0]
    assert rows() == (1, 1, 0, 0)


def test_two_tabs_are_two_requests_and_one_consent(flow, conf_client):
    tabs = [field_of(flow.authorize(conf_client), "request") for _ in range(2)]
    assert tabs[0] != tabs[1]
    for request_id in tabs:
        assert b"code=op_ac_" in flow.browser.get(_click(flow.browser, request_id)["Location"]).content
    assert (Consent.objects.count(), Grant.objects.count(), AuthorizationCode.objects.count()) == (1, 2, 2)


def test_click_after_a_minute_says_that_the_page_is_too_old(flow, conf_client):
    request_id = field_of(flow.authorize(conf_client), "request")
    _click(flow.browser, request_id)
    StoredRequest.objects.update(decided_at=timezone.now() - timedelta(seconds=61))
    again = _click(flow.browser, request_id)
    assert_page(again)
    assert "too old" in again.content.decode()
    assert rows() == (1, 1, 0, 0)


def test_page_left_open_too_long_says_so_and_decides_nothing(flow, conf_client):
    request_id = field_of(flow.authorize(conf_client), "request")
    StoredRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    late = _click(flow.browser, request_id)
    assert_page(late)
    assert "too old" in late.content.decode()
    assert rows() == (0, 0, 0, 0)


@pytest.mark.parametrize("request_id", ["", "x", "op_ru_" + "0" * 49, "../x"])
def test_decision_on_no_request_decides_nothing(flow, request_id):
    assert_page(_click(flow.browser, request_id))


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
def test_decision_that_is_neither_shows_the_page_again(flow, conf_client, decision):
    request_id = field_of(flow.authorize(conf_client), "request")
    shown = flow.browser.get(_click(flow.browser, request_id, decision)["Location"])
    assert shown.status_code == 200
    assert field_of(shown, "request") != request_id
    assert rows() == (0, 0, 0, 0)


def test_stale_csrf_token_shows_the_page_again_and_then_works(alice, conf_client):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    walk = Flow(browser)
    page = walk.authorize(conf_client, state="kept")
    request_id = field_of(page, "request")
    for token in ({}, {"csrfmiddlewaretoken": "a" * 64}):
        refused = post_form(browser, "/authorize/decision", {"request": request_id, "decision": "allow", **token})
        assert refused.status_code == 303
        assert rows() == (0, 0, 0, 0)
    again = browser.get(refused["Location"])
    assert again.status_code == 200
    form = {
        "request": field_of(again, "request"),
        "decision": "allow",
        "csrfmiddlewaretoken": field_of(again, "csrfmiddlewaretoken"),
    }
    done = browser.get(post_form(browser, "/authorize/decision", form)["Location"])
    assert b"state=kept" in done.content
    assert rows() == (1, 1, 0, 0)


def test_form_opened_as_alice_and_sent_as_bob_is_asked_anew(flow, conf_client, bob):
    request_id = field_of(flow.authorize(conf_client), "request")
    flow.browser.force_login(bob)
    answer = _click(flow.browser, request_id)
    assert rows() == (0, 0, 0, 0)
    page = flow.browser.get(answer["Location"])
    assert page.status_code == 200
    assert "bob" in page.content.decode()
    flow.decide(page)
    assert Grant.objects.get().user_id == bob.pk


def test_form_sent_from_another_browser_of_the_same_person_is_asked_anew(flow, conf_client, alice):
    request_id = field_of(flow.authorize(conf_client), "request")
    other = Browser()
    other.force_login(alice)
    answer = _click(other, request_id)
    assert answer["Location"].startswith("/authorize?request=")
    assert rows() == (0, 0, 0, 0)
    # Nor does the page that goes on show its code elsewhere.
    _click(flow.browser, request_id)
    assert b"op_ac_" not in other.get(f"/authorize/decision?request={request_id}").content


def test_form_sent_after_signing_out_leads_to_sign_in(flow, conf_client):
    request_id = field_of(flow.authorize(conf_client), "request")
    flow.browser.logout()
    assert _click(flow.browser, request_id)["Location"].startswith("/login?next=")
    assert rows() == (0, 0, 0, 0)


def test_person_deactivated_while_the_page_was_open_allows_nothing(flow, conf_client, alice):
    request_id = field_of(flow.authorize(conf_client), "request")
    alice.is_active = False
    alice.save()
    assert _click(flow.browser, request_id)["Location"].startswith("/login?next=")
    assert rows() == (0, 0, 0, 0)


def test_client_suspended_while_the_page_was_open_gets_no_code(flow, conf_client):
    page = flow.authorize(conf_client)
    conf_client.row.suspend()
    assert b"unauthorized_client" in flow.decide(page).content
    assert rows() == (0, 0, 0, 0)
