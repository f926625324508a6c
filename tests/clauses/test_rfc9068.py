"""RFC 9068, JWT access tokens: a test a sentence."""

from __future__ import annotations

import jwt
import pytest
from django.test import Client as Browser

from oauth_provider.keys import signing
from tests.flow import machine_token, post_form, userinfo

pytestmark = pytest.mark.django_db


def _claims(value):
    return jwt.decode(value, options={"verify_signature": False})


def test_rfc9068_2_1_header_says_at_jwt_and_is_signed_with_a_published_key(machine_client):
    header = jwt.get_unverified_header(machine_token(machine_client).json()["access_token"])
    assert header["typ"] == "at+jwt"
    assert header["alg"] == "ES256"
    assert header["kid"] in {key["kid"] for key in Browser().get("/jwks").json()["keys"]}


def test_rfc9068_2_1_signature_is_verified_with_the_published_key_by_another_library(machine_client):
    value = machine_token(machine_client).json()["access_token"]
    keys = {key["kid"]: key for key in Browser().get("/jwks").json()["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(value)["kid"]])
    assert jwt.decode(value, key, algorithms=["ES256"], audience="https://provider.example")


def test_rfc9068_2_2_required_claims(flow, conf_client):
    claims = _claims(flow.tokens(conf_client, scope="read write")["access_token"])
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= set(claims)
    assert claims["iss"] == claims["aud"] == "https://provider.example"
    assert claims["client_id"] == conf_client.client_id
    assert claims["exp"] - claims["iat"] == 3600


def test_rfc9068_2_2_1_auth_time_is_when_the_person_signed_in(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    assert _claims(tokens["access_token"])["auth_time"] == _claims(tokens["id_token"])["auth_time"]


def test_rfc9068_2_2_3_scope_claim_is_what_was_granted(flow, conf_client):
    assert _claims(flow.tokens(conf_client, scope="write read")["access_token"])["scope"] == "write read"


def test_rfc9068_2_2_subject_of_a_machine_is_its_client_id(machine_client):
    claims = _claims(machine_token(machine_client).json()["access_token"])
    assert claims["sub"] == claims["client_id"] == machine_client.client_id
    assert "grant_id" not in claims


def test_rfc9068_2_2_jti_is_unique(machine_client):
    values = [machine_token(machine_client).json()["access_token"] for _ in range(5)]
    assert len({_claims(value)["jti"] for value in values}) == 5


def test_rfc9068_5_subject_of_a_person_never_equals_a_client_id(flow, conf_client):
    claims = _claims(flow.tokens(conf_client)["access_token"])
    assert claims["sub"].startswith("u_")
    assert claims["client_id"].startswith("c_")


def test_rfc9068_4_id_token_is_not_an_access_token(flow, conf_client):
    assert userinfo(flow.tokens(conf_client, scope="openid read")["id_token"]).status_code == 401


def test_rfc9068_4_application_prefix_of_the_type_is_accepted(flow, conf_client):
    claims = _claims(flow.tokens(conf_client, scope="openid read")["access_token"])
    assert userinfo(signing.sign(claims, alg="ES256", typ="application/at+jwt")).status_code == 200


@pytest.mark.parametrize("change", [{"iss": "https://other.example"}, {"exp": 1}, {"aud": "https://other.example"}])
def test_rfc9068_4_issuer_audience_and_lifetime_are_checked(flow, conf_client, settings, change):
    settings.ROOT_URLCONF = "tests.budgets.urls"
    claims = {**_claims(flow.tokens(conf_client)["access_token"]), **change}
    value = signing.sign(claims, alg="ES256", typ="at+jwt")
    for view in ("/plain", "/rest"):
        assert Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}").status_code == 401


def test_rfc9068_6_jwt_says_nothing_of_the_account(flow, conf_client, alice):
    claims = _claims(flow.tokens(conf_client, scope="openid read")["access_token"])
    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "client_id",
        "iat",
        "exp",
        "jti",
        "scope",
        "auth_time",
        "grant_id",
    }
    assert alice.username not in str(claims)


def test_rfc9068_4_revoked_jwt_is_refused(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    form = {"token": tokens["access_token"]}
    post_form(Browser(), "/revoke", form, HTTP_AUTHORIZATION=conf_client.basic)
    assert userinfo(tokens["access_token"]).status_code == 401
