"""The mail at the first grant, and the link in it that ends the access without signing in."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import AuditEvent, Client, Consent, Grant
from tests.flow import Registered, post_form, refresh, userinfo
from tests.people.pages import FIREFOX, app_url, press, words_of

SALT = "oauth_provider.not_me"
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.people.pages")]


@pytest.fixture
def connect(flow, django_capture_on_commit_callbacks):
    """Walk the flow as a site does it, committed: what is sent on commit is sent."""

    def walk(client, **changes):
        with django_capture_on_commit_callbacks(execute=True):
            return flow.tokens(client, **changes)

    return walk


def link_in(message) -> str:
    return re.search(r"https://provider\.example(/not-me/\S+)", message.body)[1]


def a_day_ago() -> None:
    Consent.objects.update(mailed_at=timezone.now() - timedelta(days=1, minutes=1))


def test_first_grant_is_told_by_one_mail_in_words(flow, connect, conf_client):
    flow.browser.defaults.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.1")
    tokens = connect(conf_client, scope="openid read write")
    (message,) = mail.outbox
    assert message.to == ["alice@people.example"]
    assert message.subject == "Notes for Web got access to your account at provider.example"
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    for text in (message.body, html):
        for told in ("Notes for Web", "alice", "Read your notes", "Change your notes", "Know who you are",
                     "Firefox on Windows", "192.0.2.1", "provider.example/not-me/", "14 days"):  # fmt: skip
            assert told in text
        for value in (*tokens.values(), *flow.browser.cookies):
            assert not isinstance(value, str) or len(value) < 20 or value not in text


def test_same_permissions_again_are_no_news(connect, conf_client):
    for _ in range(3):
        connect(conf_client, scope="read")
        a_day_ago()
    assert len(mail.outbox) == 1


def test_more_permissions_are_told_and_only_the_new_ones(connect, conf_client):
    connect(conf_client, scope="read")
    a_day_ago()
    connect(conf_client, scope="read write")
    assert mail.outbox[1].subject == "Notes for Web got more access to your account at provider.example"
    assert "Change your notes" in mail.outbox[1].body
    assert "Read your notes" not in mail.outbox[1].body


def test_one_mail_a_day_and_app(connect, conf_client, flow):
    connect(conf_client, scope="read")
    connect(conf_client, scope="read write")
    assert len(mail.outbox) == 1
    row, secret = Client.objects.register(
        name="Another app", profile="web", redirect_uris=["https://c.example/cb"], scopes=["read"]
    )
    connect(Registered(row, secret))
    assert len(mail.outbox) == 2


def test_app_connected_again_after_its_end_is_told_again(connect, conf_client, flow):
    connect(conf_client)
    press(flow.browser, f"{app_url(conf_client)}/end")
    a_day_ago()
    connect(conf_client)
    assert [message.subject for message in mail.outbox] == [
        "Notes for Web got access to your account at provider.example"
    ] * 2


def test_device_that_was_connected_is_told_with_the_device(flow, device_client, django_capture_on_commit_callbacks):
    tv = Browser(HTTP_USER_AGENT="NotesTV/2.1 (Linux; living room)", REMOTE_ADDR="192.0.2.33")
    asked = post_form(tv, "/device_authorization", {"client_id": device_client.client_id}).json()
    with django_capture_on_commit_callbacks(execute=True):
        post_form(flow.browser, "/device", {"user_code": asked["user_code"], "decision": "allow"})
    assert "Where: NotesTV on Linux" in mail.outbox[0].body
    assert "Address: 192.0.2.33" in mail.outbox[0].body


def test_app_of_this_site_is_no_news(connect, conf_client):
    Client.objects.update(first_party=True)
    connect(conf_client)
    assert mail.outbox == []


def test_switched_off_by_the_setting(connect, conf_client, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "CONSENT_MAILS": False}
    connect(conf_client)
    assert mail.outbox == []
    assert Consent.objects.get().mailed_at is None


def test_person_without_an_address_gets_none(connect, conf_client, alice):
    alice.email = ""
    alice.save()
    connect(conf_client)
    assert mail.outbox == []


def test_mail_server_that_does_not_answer_is_logged_and_fails_nothing(connect, conf_client, settings, caplog):
    with settings_of_a_dead_server(), caplog.at_level(logging.ERROR, logger="oauth_provider.mail"):
        tokens = connect(conf_client)
    assert userinfo(tokens["access_token"]).status_code in {200, 403}
    assert "no mail to user" in caplog.text
    assert "alice@people.example" not in caplog.text


def settings_of_a_dead_server():
    from tests.clients.live_site import free_port
    from tests.mail_server import override_mail_server

    return override_mail_server(port=free_port())


def test_C64_name_of_an_app_stays_text_in_subject_and_body(connect, conf_client):
    conf_client.row.rename("<b>Bank</b>\r\nBcc: eve@evil.example " + "x" * 80)
    connect(conf_client)
    (message,) = mail.outbox
    assert "\n" not in message.subject
    assert len(message.subject) < 120
    assert message.bcc == []
    assert "<b>Bank" not in message.alternatives[0][0]


def test_link_is_the_issuers_whatever_host_the_request_came_to(flow, conf_client, django_capture_on_commit_callbacks):
    flow.browser.defaults["HTTP_HOST"] = "localhost"
    with django_capture_on_commit_callbacks(execute=True):
        flow.tokens(conf_client)
    addresses = re.findall(r"https?://[^/\s]+", mail.outbox[0].body)
    assert addresses == ["https://provider.example"] * 2


# This wasn't me


def test_link_scanner_ends_nothing(connect, conf_client):
    tokens = connect(conf_client)
    address = link_in(mail.outbox[0])
    for method in ("get", "head", "options", "put", "delete", "patch"):
        answer = getattr(Browser(), method)(address)
        assert answer.status_code == (200 if method in {"get", "head"} else 405)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_page_shows_the_app_a_masked_account_and_one_button(connect, conf_client):
    connect(conf_client)
    answer = Browser().get(link_in(mail.outbox[0]))
    content = answer.content.decode()
    assert "Notes for Web has access to the account al••• at provider.example" in words_of(answer)
    assert "alice" not in content
    assert content.count("<button") == 1
    assert not answer.cookies
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_button_ends_the_access_without_a_session_and_says_what_to_do_next(connect, conf_client, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SECURITY_CONTACT": "security@provider.example"}
    tokens = connect(conf_client, scope="openid read")
    address = link_in(mail.outbox[0])
    # As a browser sends it that tells no Referer and knows no cookie of ours.
    somebody = Browser(enforce_csrf_checks=True)
    answer = somebody.post(address, HTTP_ORIGIN="null")
    assert (answer.status_code, answer["Location"]) == (303, address)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    said = words_of(somebody.get(address))
    assert "Access has ended" in said
    assert "Change your password" in said
    assert "security@provider.example" in said
    event = AuditEvent.objects.get(event="consent_withdrawn")
    assert event.detail == {"reason": "not_me", "grants": 1}
    # Once more: the same page, and no second event.
    assert somebody.post(address).status_code == 303
    assert "Access has ended" in words_of(somebody.get(address))
    assert AuditEvent.objects.filter(event="consent_withdrawn").count() == 1


def test_link_of_one_person_and_app_ends_no_other(connect, conf_client, public_client, bob, flow):
    connect(conf_client)
    flow.code(public_client)
    bobs = Consent.objects.allow(bob, conf_client.row, scopes=["read"], remembered_until=None)
    Browser().post(link_in(mail.outbox[0]))
    bobs.refresh_from_db()
    assert bobs.revoked_at is None
    assert Grant.objects.get(client=public_client.row).revoked_at is None


def test_link_of_an_app_that_is_gone_says_that_it_has_ended(connect, conf_client):
    connect(conf_client)
    Client.objects.all().delete()
    for answer in (Browser().get(link_in(mail.outbox[0])), Browser().post(link_in(mail.outbox[0]))):
        assert answer.status_code in {200, 303}


@pytest.mark.parametrize(
    ("value", "salt"),
    [([1, "1"], "another purpose"), ("text", SALT), ({"a": 1}, SALT), ([], SALT), ([1, 2, 3], SALT), (None, None)],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_wrong_link_is_a_plain_page(value, salt, method):
    token = signing.dumps(value, salt=salt) if salt else "a:b:c"
    answer = getattr(Browser(), method)(f"/not-me/{token}")
    assert answer.status_code == 400
    assert "This link is not right" in words_of(answer)


@pytest.mark.parametrize(("days", "status"), [(13.9, 200), (14.1, 400)])
def test_link_ends_after_14_days(connect, conf_client, monkeypatch, days, status):
    tokens = connect(conf_client)
    address = link_in(mail.outbox[0])
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + days * 86400)
    answer = Browser().get(address)
    assert answer.status_code == status
    if status == 400:
        assert "This link is too old" in words_of(answer)
        assert Browser().post(address).status_code == 400
    monkeypatch.undo()
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_new_secret_key_with_the_old_one_as_fallback_makes_no_link_useless(connect, conf_client, settings):
    connect(conf_client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    assert Browser().get(link_in(mail.outbox[0])).status_code == 200
