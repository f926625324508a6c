"""SECRET_KEY changed, the old one among SECRET_KEY_FALLBACKS: nobody feels it. SECRET_KEY lost: the operator knows."""

from __future__ import annotations

import html
import logging
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from oauth_provider.keys import rotation
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState
from tests.flow import field_of, machine_token, post_form, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture
def change_secret_key(settings, new_process):
    def change(*, keep: bool) -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
        settings.SECRET_KEY = "changed-" + "c" * 50
        new_process()

    return change


def test_tokens_from_before_are_accepted_and_new_ones_are_signed(flow, conf_client, change_secret_key):
    tokens = flow.tokens(conf_client, scope="openid read")
    kids = {key["kid"] for key in Browser().get("/jwks").json()["keys"]}
    change_secret_key(keep=True)
    assert userinfo(tokens["access_token"]).status_code == 200
    fresh = refresh(conf_client, tokens["refresh_token"]).json()
    assert userinfo(fresh["access_token"]).status_code == 200
    assert {key["kid"] for key in Browser().get("/jwks").json()["keys"]} == kids


def test_lost_answer_gets_the_same_successor_across_the_change(flow, conf_client, change_secret_key):
    tokens = flow.tokens(conf_client)
    lost = refresh(conf_client, tokens["refresh_token"]).json()
    change_secret_key(keep=True)
    again = refresh(conf_client, tokens["refresh_token"])
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert refresh(conf_client, again.json()["refresh_token"]).status_code == 200


def test_user_code_shown_before_the_change_can_be_entered_after_it(flow, device_client, change_secret_key):
    form = {"client_id": device_client.client_id}
    started = post_form(Browser(), "/device_authorization", form).json()
    change_secret_key(keep=True)
    assert flow.browser.post("/device", {"user_code": started["user_code"]}).status_code == 200


def test_code_of_a_decision_made_before_the_change_is_found_by_the_page_after_it(flow, conf_client, change_secret_key):
    page = flow.authorize(conf_client)
    form = {"request": field_of(page, "request"), "decision": "allow"}
    location = post_form(flow.browser, "/authorize/decision", form)["Location"]
    change_secret_key(keep=True)
    going_on = flow.browser.get(location)
    assert going_on.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0;\s*url=([^"]+)"', going_on.content.decode())
    assert flow.redeem(conf_client, query_of(html.unescape(found[1]))["code"]).status_code == 200


def test_lost_secret_key_is_invalid_grant_and_one_line_for_the_operator(
    flow, conf_client, machine_client, change_secret_key, caplog
):
    tokens = flow.tokens(conf_client, scope="openid read")
    machine_token(machine_client)
    change_secret_key(keep=False)
    with caplog.at_level(logging.CRITICAL, logger="oauth_provider.token"):
        response = machine_token(machine_client)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    assert "SECRET_KEY" not in response.content.decode()
    [line] = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "SECRET_KEY_FALLBACKS" in line.getMessage()
    # What was issued is verified with the public key, which nobody lost.
    assert userinfo(tokens["access_token"]).status_code == 200


def test_lost_secret_key_spends_no_refresh_token(flow, conf_client, change_secret_key, settings, new_process):
    tokens = flow.tokens(conf_client)
    old = settings.SECRET_KEY
    change_secret_key(keep=False)
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    settings.SECRET_KEY = old
    new_process()
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_lost_secret_key_never_replaces_a_key_silently_but_a_rotation_does(machine_client, change_secret_key):
    machine_token(machine_client)
    before = {key["kid"] for key in Browser().get("/jwks").json()["keys"]}
    change_secret_key(keep=False)
    machine_token(machine_client)
    assert {key["kid"] for key in Browser().get("/jwks").json()["keys"]} == before
    rotation.rotate(now=True)
    assert machine_token(machine_client).status_code == 200
    assert before < {key["kid"] for key in Browser().get("/jwks").json()["keys"]}


def test_lost_secret_key_is_a_500_nowhere(flow, conf_client, device_client, resource_server, change_secret_key):
    tokens = flow.tokens(conf_client, scope="openid read")
    code = flow.code(conf_client, scope="openid read")
    Browser().get("/jwks")
    change_secret_key(keep=False)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access_token']}"}
    browser = Browser(raise_request_exception=False)
    answers = [
        browser.get("/jwks"),
        browser.get("/.well-known/openid-configuration"),
        browser.get("/userinfo", **bearer),
        browser.get("/authorize", {"client_id": conf_client.client_id, "response_type": "code"}),
        post_form(browser, "/introspect", {"token": tokens["access_token"]}, HTTP_AUTHORIZATION=resource_server.basic),
        post_form(browser, "/device_authorization", {"client_id": device_client.client_id}),
        flow.redeem(conf_client, code),
        refresh(conf_client, tokens["refresh_token"]),
        post_form(browser, "/revoke", {"token": tokens["refresh_token"]}, HTTP_AUTHORIZATION=conf_client.basic),
        browser.get("/connected-apps/"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert answers[0].status_code == answers[2].status_code == 200
    assert answers[4].json()["active"] is True


def test_rotation_with_another_secret_key_than_the_site_does_nothing_and_says_so(machine_client, change_secret_key):
    machine_token(machine_client)
    rotation.rotate()
    before = list(SigningKey.objects.order_by("pk").values())
    change_secret_key(keep=False)
    for arguments in ((), ("--if-due",)):
        with pytest.raises(CommandError, match=r"Nothing was done\. --now makes new keys"):
            call_command("oauth_rotate_keys", *arguments)
    assert list(SigningKey.objects.order_by("pk").values()) == before


def test_new_keys_after_a_lost_secret_key_leave_what_was_issued_good(flow, alice, conf_client, change_secret_key):
    tokens = flow.tokens(conf_client, scope="openid read")
    rotation.rotate()
    change_secret_key(keep=False)
    call_command("oauth_rotate_keys", "--now")
    assert userinfo(tokens["access_token"]).status_code == 200
    # Her session was signed with the lost key as well.
    flow.browser.force_login(alice)
    assert userinfo(flow.tokens(conf_client, scope="openid read")["access_token"]).status_code == 200
    # The next key that nobody could open never signed.
    assert SigningKey.objects.filter(state=KeyState.REVOKED).count() == 4


def test_emergency_revocation_needs_no_secret_key(machine_client, change_secret_key):
    machine_token(machine_client)
    kid = SigningKey.objects.get().kid
    change_secret_key(keep=False)
    call_command("oauth_rotate_keys", "--revoke", kid)
    assert SigningKey.objects.get(kid=kid).state == KeyState.REVOKED
    assert machine_token(machine_client).status_code == 200


def test_admin_pages_after_a_lost_secret_key(admin_user, machine_client, change_secret_key):
    machine_token(machine_client)
    row = SigningKey.objects.get()
    change_secret_key(keep=False)
    browser = Browser(raise_request_exception=False)
    browser.force_login(admin_user)
    keys = "/admin/oauth_provider/signingkey/"
    for address in (keys, f"{keys}{row.pk}/change/", f"{keys}rotate/", f"{keys}{row.pk}/revoke/"):
        assert browser.get(address).status_code == 200
    page = browser.post(f"{keys}rotate/", {"confirmed": "yes"}, follow=True)
    assert page.status_code == 200
    assert "Nothing was done: a present key cannot be opened." in page.content.decode()
    assert SigningKey.objects.count() == 1
    assert browser.post(f"{keys}{row.pk}/revoke/", {"confirmed": "yes", "typed": row.kid}).status_code == 302
    row.refresh_from_db()
    assert row.state == KeyState.REVOKED
