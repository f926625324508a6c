"""OpenID Connect Back-Channel Logout 1.0, and the lines of the OpenID Foundation's plan for it (A.4)."""

from __future__ import annotations

import time

import jwt
import pytest
from django.test import Client as Browser

from oauth_provider.sessions import backchannel
from tests.flow import claims_of, post_form, userinfo
from tests.sessions.told import URI, receiver

pytestmark = pytest.mark.django_db

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def app(conf_client):
    conf_client.row.change(backchannel_logout_uri=URI)
    return conf_client


@pytest.fixture
def told(internet):
    return receiver(internet)


@pytest.fixture
def tokens(flow, app):
    return flow.tokens(app, scope="openid read", nonce="n-0S6_WzA2Mj")


@pytest.fixture
def logout_token(flow, tokens, told) -> str:
    flow.browser.logout()
    backchannel.deliver_due()
    (token,) = told.tokens
    return token


def test_it_is_posted_as_a_form_with_the_token_and_nothing_else_2_5(told, logout_token):
    (request,) = told.listener.requests
    head, body = request.split(b"\r\n\r\n", 1)
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /backchannel-logout http/1.1"
    assert "content-type: application/x-www-form-urlencoded" in lines
    assert not any(line.startswith(("authorization:", "cookie:")) for line in lines)
    assert told.forms == [{"logout_token": logout_token}]
    assert body.startswith(b"logout_token=")


def test_it_is_signed_as_id_tokens_are_and_says_what_it_is_2_4(tokens, logout_token):
    header, of_id_token = jwt.get_unverified_header(logout_token), jwt.get_unverified_header(tokens["id_token"])
    assert header["typ"] == "logout+jwt"
    assert (header["alg"], header["kid"]) == (of_id_token["alg"], of_id_token["kid"])
    keys = jwt.PyJWKSet.from_dict(Browser().get("/jwks").json())
    claims = jwt.decode(
        logout_token, keys[header["kid"]], algorithms=["RS256"],
        audience=claims_of(tokens["id_token"])["aud"], issuer="https://provider.example",
    )  # fmt: skip
    assert claims["events"] == {EVENT: {}}


def test_claims_are_those_of_the_specification_2_4(app, tokens, logout_token):
    claims, of_id_token = claims_of(logout_token), claims_of(tokens["id_token"])
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}
    assert claims["aud"] == app.client_id
    assert (claims["sid"], claims["sub"]) == (of_id_token["sid"], of_id_token["sub"])
    assert abs(claims["iat"] - time.time()) < 30
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert "nonce" not in claims


def test_algorithm_is_the_clients_own(flow, app, told):
    app.row.change(id_token_signed_response_alg="ES256")
    flow.tokens(app, scope="openid")
    flow.browser.logout()
    backchannel.deliver_due()
    assert jwt.get_unverified_header(told.tokens[0])["alg"] == "ES256"


def test_it_is_no_token_at_any_other_door_jw2(flow, app, logout_token):
    assert userinfo(logout_token).status_code == 401
    assert flow.browser.get("/end_session", {"id_token_hint": logout_token}).status_code == 400
    about = {"token": logout_token, "client_id": app.client_id, "client_secret": app.secret}
    assert post_form(Browser(), "/introspect", about).json() == {"active": False}


def test_every_client_of_the_session_is_told_once_with_its_own_token(flow, app, internet, told, public_client):
    public_client.row.change(backchannel_logout_uri="https://pub.example/out")
    other = receiver(internet, host="pub.example", address="93.184.216.35")
    flow.tokens(app, scope="openid")
    flow.tokens(public_client, scope="openid")
    flow.browser.logout()
    backchannel.deliver_due()
    assert [claims_of(token)["aud"] for token in told.tokens] == [app.client_id]
    assert [claims_of(token)["aud"] for token in other.tokens] == [public_client.client_id]


def test_metadata_says_so():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
