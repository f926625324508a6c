"""SECRET_KEY changed, the old one among SECRET_KEY_FALLBACKS: nobody feels it. SECRET_KEY lost: the operator knows."""

from __future__ import annotations

import html
import logging
import re

import pytest
from django.test import Client as Browser

from oauth_provider.keys import rotation
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
