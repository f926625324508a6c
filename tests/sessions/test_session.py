"""A sign-in at a client, its `sid`, and what ends with it (OpenID Connect Back-Channel Logout §2.1, §2.7; AS12)."""

from __future__ import annotations

import pytest

from oauth_provider.models import AuditEvent, LogoutDelivery, Session
from tests.flow import claims_of, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


def sid_of(tokens) -> str:
    return str(claims_of(tokens["id_token"])["sid"])


def sign_out(flow) -> None:
    """As any page of the site does it."""
    flow.browser.logout()


@pytest.fixture
def told_client(conf_client):
    """A client that is told of sign-outs at its server."""
    conf_client.row.change(backchannel_logout_uri="https://c.example/logout")
    return conf_client


def test_every_sign_in_of_one_browser_has_one_sid(flow, conf_client, public_client):
    first = flow.tokens(conf_client, scope="openid")
    again = flow.tokens(conf_client, scope="openid")
    other = flow.tokens(public_client, scope="openid")
    assert sid_of(first) == sid_of(again) == sid_of(other)
    assert Session.objects.open().count() == 2


def test_a_client_that_has_not_redeemed_its_code_knows_of_no_session(flow, conf_client):
    flow.code(conf_client, scope="openid")
    assert not Session.objects.exists()


def test_no_sign_in_no_session(flow, conf_client):
    flow.tokens(conf_client, scope="read")
    assert not Session.objects.exists()


def test_signing_out_ends_the_tokens_of_the_session(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    sign_out(flow)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert not Session.objects.open().exists()
    event = AuditEvent.objects.get(event="session_ended")
    assert event.detail["clients"] == [conf_client.client_id]


def test_signing_out_leaves_offline_access(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read offline_access")
    sign_out(flow)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_signing_out_leaves_what_is_no_sign_in(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="read")
    sign_out(flow)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_signing_out_leaves_another_browser(flow, conf_client, alice):
    elsewhere = type(flow)(type(flow.browser)())
    elsewhere.browser.force_login(alice)
    tokens = elsewhere.tokens(conf_client, scope="openid read")
    flow.tokens(conf_client, scope="openid read")
    sign_out(flow)
    assert userinfo(tokens["access_token"]).status_code == 200
    assert [row.sid for row in Session.objects.open()] == [sid_of(tokens)]


def test_a_code_of_a_session_that_has_ended_is_refused_whatever_it_asked_for(flow, conf_client):
    code = flow.code(conf_client, scope="openid read offline_access")
    sign_out(flow)
    assert flow.redeem(conf_client, code).json()["error"] == "invalid_grant"
    assert not Session.objects.exists()


def test_each_client_of_the_session_that_wants_to_be_told_has_one_row_in_the_outbox(flow, told_client, public_client):
    tokens = flow.tokens(told_client, scope="openid")
    flow.tokens(public_client, scope="openid")
    sign_out(flow)
    delivery = LogoutDelivery.objects.get()
    assert (delivery.client, delivery.sid, delivery.state) == (told_client.row, sid_of(tokens), "waiting")
    assert delivery.sub == claims_of(tokens["id_token"])["sub"]


def test_signing_out_twice_tells_once(flow, told_client, alice):
    flow.tokens(told_client, scope="openid")
    sign_out(flow)
    flow.browser.force_login(alice)
    sign_out(flow)
    assert LogoutDelivery.objects.count() == 1


def sent_to_sign_in(flow, client) -> None:
    """An app asks for a new sign-in, and the person, who is signed in, is sent to it."""
    session = flow.browser.session
    session["oauth_provider_auth_time"] -= 100
    session.save()
    page = flow.authorize(client, scope="openid", prompt="login")
    again = flow.browser.get(query_of(page["Location"])["next"])
    assert "next=" in again["Location"]
    assert "_auth_user_id" not in flow.browser.session


def test_signing_in_again_because_an_app_asks_for_it_ends_nothing(flow, told_client, alice):
    tokens = flow.tokens(told_client, scope="openid read")
    sent_to_sign_in(flow, told_client)
    flow.browser.force_login(alice)
    assert not LogoutDelivery.objects.exists()
    assert userinfo(tokens["access_token"]).status_code == 200
    assert sid_of(flow.tokens(told_client, scope="openid")) == sid_of(tokens)


def test_another_person_who_signs_in_instead_ends_the_session(flow, told_client, bob):
    tokens = flow.tokens(told_client, scope="openid read")
    sent_to_sign_in(flow, told_client)
    flow.browser.force_login(bob)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert LogoutDelivery.objects.get().sid == sid_of(tokens)
