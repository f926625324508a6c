"""RFC 7009, Token Revocation: a test a sentence."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tests.flow import post_form, refresh, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(flow, conf_client):
    return flow.tokens(conf_client, scope="openid read")


def _revoke(client, value, **more):
    return post_form(Browser(), "/revoke", {"token": value, **more}, HTTP_AUTHORIZATION=client.basic)


def test_rfc7009_2_1_revoked_access_token_is_refused_at_once(conf_client, tokens):
    assert _revoke(conf_client, tokens["access_token"]).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_rfc7009_2_1_revoking_a_refresh_token_ends_the_access_tokens_of_the_grant(conf_client, tokens):
    assert _revoke(conf_client, tokens["refresh_token"]).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "surprise"])
def test_rfc7009_2_1_wrong_hint_does_not_hinder(conf_client, tokens, hint):
    assert _revoke(conf_client, tokens["refresh_token"], token_type_hint=hint).status_code == 200
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 400


def test_rfc7009_2_1_token_of_another_client_is_not_revoked(machine_client, conf_client, tokens):
    for kind in ("access_token", "refresh_token"):
        _revoke(machine_client, tokens[kind])
    assert userinfo(tokens["access_token"]).status_code == 200
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_rfc7009_2_1_client_authenticates(tokens, conf_client):
    response = post_form(Browser(), "/revoke", {"token": tokens["access_token"], "client_id": conf_client.client_id})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_rfc7009_2_1_public_client_names_itself(flow, public_client):
    code = flow.code(public_client, scope="openid")
    tokens = flow.redeem(public_client, code).json()
    form = {"token": tokens["refresh_token"], "client_id": public_client.client_id}
    assert post_form(Browser(), "/revoke", form).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("value", ["x", "op_rt_" + "A" * 49, "eyJ.eyJ.x"])
def test_rfc7009_2_2_invalid_token_is_200(conf_client, value):
    assert _revoke(conf_client, value).status_code == 200


def test_rfc7009_2_2_revoking_twice_is_200(conf_client, tokens):
    for _ in range(2):
        assert _revoke(conf_client, tokens["access_token"]).status_code == 200


def test_rfc7009_2_1_token_is_required(conf_client):
    response = post_form(Browser(), "/revoke", {}, HTTP_AUTHORIZATION=conf_client.basic)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_rfc7009_2_request_is_post(db):
    assert Browser().get("/revoke?token=x").status_code == 405
