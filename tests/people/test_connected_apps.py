"""Connected apps: what the pages show, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import Client, Consent, Grant
from tests.flow import Registered, post_form, refresh
from tests.people.pages import FIREFOX, app_url, statements, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.people.pages")]

PAGES = ("/connected-apps/", "/connected-apps/1/", "/connected-apps/1/end", "/connected-apps/sign-out-everywhere")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_signed_in_goes_to_sign_in_and_comes_back(path):
    answer = Browser().get(path)
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"next={path.replace('/', '%2F')}")


@pytest.mark.parametrize("path", ["/connected-apps/", "/connected-apps/sign-out-everywhere"])
def test_AS18_AS20_headers_stand_on_every_page(flow, path):
    answer = flow.browser.get(path)
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "no-store"
    assert b"<script" not in answer.content


def test_list_without_apps_says_so(flow):
    assert "No app has access to your account." in words_of(flow.browser.get("/connected-apps/"))


def test_app_is_one_row_however_many_tokens_it_has(flow, conf_client):
    for _ in range(3):
        tokens = flow.tokens(conf_client, scope="openid read write")
        refresh(conf_client, tokens["refresh_token"])
    page = flow.browser.get("/connected-apps/")
    assert page.content.count(b'<li class="op-app">') == 1
    said = words_of(page)
    assert "Notes for Web" in said
    assert "Read your notes · Change your notes" in said
    assert "Last used just now from 127.0.0.1" in said


def test_sign_in_alone_is_said_to_be_no_more(flow, conf_client):
    flow.tokens(conf_client, scope="openid")
    assert "It recognises you by your account, and gets nothing else" in words_of(flow.browser.get("/connected-apps/"))


def test_where_and_from_what_it_is_used_follows_the_refresh(flow, conf_client):
    flow.browser.defaults.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.1")
    tokens = flow.tokens(conf_client)
    grant = Grant.objects.get()
    assert (grant.user_agent, grant.last_used_address) == (FIREFOX, "192.0.2.1")
    answer = post_form(
        Browser(REMOTE_ADDR="198.51.100.9"),
        "/token",
        {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "client_id": conf_client.client_id,
            "client_secret": conf_client.secret,
        },
    )
    assert answer.status_code == 200
    said = words_of(flow.browser.get(app_url(conf_client)))
    assert "Firefox on Windows" in said
    assert "Last used just now from 198.51.100.9" in said


def test_device_is_shown_by_what_asked_not_by_the_browser_that_allowed(flow, device_client):
    flow.browser.defaults.update(HTTP_USER_AGENT=FIREFOX)
    device = Browser(HTTP_USER_AGENT="NotesTV/2.1 (Linux; living room)", REMOTE_ADDR="192.0.2.33")
    asked = post_form(device, "/device_authorization", {"client_id": device_client.client_id}).json()
    answer = post_form(flow.browser, "/device", {"user_code": asked["user_code"], "decision": "allow"})
    assert answer.status_code == 200
    said = words_of(flow.browser.get(app_url(device_client)))
    assert "NotesTV on Linux" in said
    assert "Connected with a code" in said
    assert "192.0.2.33" in said


def test_app_of_another_person_is_not_found(flow, conf_client, bob):
    flow.tokens(conf_client)
    browser = Browser()
    browser.force_login(bob)
    assert browser.get(app_url(conf_client)).status_code == 404
    assert browser.get(f"{app_url(conf_client)}/end").status_code == 404
    assert b"Notes for Web" not in browser.get("/connected-apps/").content
    assert post_form(browser, app_url(conf_client), {"place": str(Grant.objects.get().pk)}).status_code == 404
    assert post_form(browser, f"{app_url(conf_client)}/end", {}).status_code == 303
    assert Grant.objects.get().revoked_at is None


def test_answer_that_is_not_remembered_and_not_in_use_is_no_connected_app(flow, public_client):
    flow.code(public_client)
    assert b"Notes for Desktop" in flow.browser.get("/connected-apps/").content
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Consent.objects.get().remembered_until is None
    assert b"Notes for Desktop" not in flow.browser.get("/connected-apps/").content


def test_remembered_answer_without_a_sign_in_says_so(flow, conf_client):
    flow.tokens(conf_client)
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "it may sign you in again without asking" in words_of(flow.browser.get("/connected-apps/"))


def test_C64_name_of_an_app_is_text(flow, conf_client):
    conf_client.row.rename("<img src=x onerror=alert(1)>\u202etxt")
    flow.tokens(conf_client)
    for path in ("/connected-apps/", app_url(conf_client), f"{app_url(conf_client)}/end"):
        content = flow.browser.get(path).content.decode()
        assert "<img" not in content
        assert "&lt;img src=x" in content


def test_history_is_told_in_words(flow, conf_client):
    flow.tokens(conf_client, scope="read write")
    flow.tokens(conf_client, scope="read")
    said = words_of(flow.browser.get(app_url(conf_client)))
    assert "You allowed it: Read your notes · Change your notes" in said
    assert "It signed you in again, as you had allowed before" in said


def _fifty(alice) -> None:
    for number in range(49):
        row, _none = Client.objects.register(
            name=f"App {number}", profile="web", redirect_uris=["https://c.example/cb"], scopes=["read"]
        )
        consent = Consent.objects.allow(
            alice, row, scopes=["read"], remembered_until=timezone.now() + timedelta(days=1)
        )
        for address in ("192.0.2.1", "192.0.2.2"):
            Grant.objects.create(
                client=row, user=alice, consent=consent, subject="u", scopes=["read"],
                expires_at=timezone.now() + timedelta(days=1), last_used_at=timezone.now(), last_used_address=address,
            )  # fmt: skip


def test_list_costs_the_same_with_one_app_and_with_fifty(flow, conf_client, alice):
    flow.tokens(conf_client)
    with statements() as one:
        flow.browser.get("/connected-apps/")
    _fifty(alice)
    with statements() as fifty:
        page = flow.browser.get("/connected-apps/")
    assert page.content.count(b'<li class="op-app">') == 50
    # Session, person, consents, grants, clients.
    assert len(one) == len(fifty) == 5, fifty


def test_detail_costs_the_same_however_often_the_app_is_signed_in(flow, conf_client):
    flow.tokens(conf_client)
    with statements() as once:
        flow.browser.get(app_url(conf_client))
    for _ in range(5):
        flow.tokens(conf_client)
    with statements() as often:
        flow.browser.get(app_url(conf_client))
    # Session, person, consent, grants counted, client, grants shown, history.
    assert len(once) == len(often) == 7, often


def test_places_beyond_the_shown_ones_are_counted(flow, conf_client):
    flow.tokens(conf_client)
    shown = Grant.objects.get()
    Grant.objects.bulk_create(
        Grant(client=shown.client, user=shown.user, subject="u", scopes=["read"], expires_at=shown.expires_at)
        for _ in range(51)
    )
    said = words_of(flow.browser.get(app_url(conf_client)))
    assert "And 2 more, used longer ago" in said
    assert "signed out at once in 52 places" in words_of(flow.browser.get(f"{app_url(conf_client)}/end"))


def test_suspended_app_is_shown_as_switched_off(flow, conf_client):
    flow.tokens(conf_client)
    conf_client.row.suspend()
    assert "Switched off by the site at present" in words_of(flow.browser.get("/connected-apps/"))


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_CHROME = f"Mozilla/5.0 (%s) {_WEBKIT} %sChrome/126.0.0.0 %sSafari/537.36%s"
_SAFARI = "Mozilla/5.0 (%s) AppleWebKit/605.1.15 (KHTML, like Gecko) %s Safari/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (_SAFARI % ("Macintosh; Intel Mac OS X 10_15_7", "Version/17.5"), "Safari on macOS"),
        (_SAFARI % ("iPhone; CPU iPhone OS 17_5 like Mac OS X", "CriOS/126.0 Mobile/15E148"), "Chrome on iPhone"),
        (_CHROME % ("X11; Linux x86_64", "", "", ""), "Chrome on Linux"),
        (_CHROME % ("Windows NT 10.0; Win64; x64", "", "", " Edg/126.0.0.0"), "Edge on Windows"),
        (_CHROME % ("Linux; Android 14", "SamsungBrowser/25.0 ", "Mobile ", ""), "Samsung Internet on Android"),
        ("python-requests/2.32", "python-requests"),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_browser_is_told_in_plain_words(flow, conf_client, user_agent, words):
    flow.browser.defaults.update(HTTP_USER_AGENT=user_agent)
    flow.tokens(conf_client)
    assert f"<strong><bdi>{words}</bdi></strong>" in flow.browser.get(app_url(conf_client)).content.decode()


@pytest.mark.parametrize("path", ["/connected-apps", "/connected-apps/"])
def test_both_forms_of_the_address_are_served(flow, path):
    assert flow.browser.get(path).status_code == 200
    assert flow.browser.put(path).status_code == 405
    assert flow.browser.get("/connected-apps/999999999999999999").status_code == 404


@pytest.mark.parametrize("done", ["app", "place", "permission", "everywhere", "<script>", "x" * 500])
def test_address_names_only_sentences_of_ours(flow, done):
    answer = flow.browser.get("/connected-apps/", {"done": done})
    assert answer.status_code == 200
    assert (b'role="status"' in answer.content) == (done in {"app", "place", "permission", "everywhere"})
    assert b"<script>" not in answer.content


def test_registered_first_party_app_is_said_to_be_the_sites(flow):
    row, secret = Client.objects.register(
        name="Acme Mail", profile="first_party", redirect_uris=["https://c.example/cb"], scopes=["read", "write"]
    )
    own = Registered(row, secret)
    flow.tokens(own, scope="read write")
    said = words_of(flow.browser.get(app_url(own)))
    assert "cannot be taken away one by one" in said
    assert b'name="scope"' not in flow.browser.get(app_url(own)).content
    assert "connected again without a question" in words_of(flow.browser.get(f"{app_url(own)}/end"))
