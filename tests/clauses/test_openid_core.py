"""OpenID Connect Core 1.0 §2, §3.1.2, §3.1.3, §5.3: a test a sentence."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import time

import jwt
import pytest
from django.test import Client as Browser

from tests.flow import Flow, post_form, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


def _id_token(tokens, client):
    keys = {key["kid"]: key for key in Browser().get("/jwks").json()["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(tokens["id_token"])["kid"]])
    return jwt.decode(
        tokens["id_token"], key, algorithms=["RS256"], audience=client.client_id, issuer="https://provider.example"
    )


def test_oidc_2_id_token_has_the_required_claims_and_no_others(flow, conf_client):
    claims = _id_token(flow.tokens(conf_client, scope="openid", nonce="n-0S6"), conf_client)
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid"}
    assert claims["aud"] == conf_client.client_id
    assert claims["nonce"] == "n-0S6"
    assert len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert all(isinstance(claims[name], int) for name in ("exp", "iat", "auth_time"))


def test_oidc_2_nonce_only_when_it_was_sent(flow, conf_client):
    assert "nonce" not in _id_token(flow.tokens(conf_client, scope="openid"), conf_client)


@pytest.mark.parametrize("length", [43, 64, 384])
def test_oidc_2_nonce_is_passed_through_unmodified(flow, conf_client, length):
    nonce = "n" * length
    assert _id_token(flow.tokens(conf_client, scope="openid", nonce=nonce), conf_client)["nonce"] == nonce


def test_oidc_2_sub_is_the_same_for_every_client_and_sign_in(flow, conf_client, public_client):
    first = _id_token(flow.tokens(conf_client, scope="openid"), conf_client)
    second = _id_token(flow.tokens(public_client, scope="openid"), public_client)
    assert first["sub"] == second["sub"]


def test_oidc_3_1_2_1_without_openid_no_id_token(flow, conf_client):
    assert "id_token" not in flow.tokens(conf_client, scope="read")


def test_oidc_3_1_2_1_prompt_none_without_a_session_is_login_required(conf_client):
    answer = query_of(Flow().authorize(conf_client, prompt="none")["Location"])
    assert answer["error"] == "login_required"


def test_oidc_3_1_2_1_prompt_none_without_consent_is_consent_required(flow, conf_client):
    assert query_of(flow.authorize(conf_client, prompt="none")["Location"])["error"] == "consent_required"


def test_oidc_3_1_2_1_prompt_none_after_a_consent_is_silent(flow, conf_client):
    first = _id_token(flow.tokens(conf_client, scope="openid"), conf_client)
    second = _id_token(flow.tokens(conf_client, scope="openid", prompt="none"), conf_client)
    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


def test_oidc_3_1_2_1_prompt_none_with_another_value_is_an_error(flow, conf_client):
    answer = query_of(flow.authorize(conf_client, prompt="none login")["Location"])
    assert answer["error"] == "invalid_request"


def test_oidc_3_1_2_1_prompt_consent_asks_again(flow, conf_client):
    flow.location(conf_client)
    assert flow.authorize(conf_client).status_code == 303
    assert flow.authorize(conf_client, prompt="consent").status_code == 200


def test_oidc_3_1_2_1_prompt_login_signs_in_again_and_only_once(flow, conf_client, alice):
    first = flow.authorize(conf_client, prompt="login")
    assert first["Location"].startswith("/login?next=")
    form = {"username": "alice", "password": "alice-password"}
    back = flow.browser.post(first["Location"], form)
    assert back.status_code in {302, 303}
    assert flow.browser.get(back["Location"]).status_code == 200


def test_oidc_3_1_2_1_max_age_that_has_passed_signs_in_again(flow, conf_client):
    session = flow.browser.session
    session["oauth_provider_auth_time"] = int(time.time()) - 3600
    session.save()
    assert flow.authorize(conf_client, max_age="60")["Location"].startswith("/login")
    assert flow.authorize(conf_client, max_age="10000").status_code == 200


@pytest.mark.parametrize("name", ["display", "ui_locales", "claims_locales", "login_hint", "acr_values"])
def test_oidc_3_1_2_1_optional_parameters_cause_no_error(flow, conf_client, name):
    assert flow.authorize(conf_client, scope="openid", **{name: "x"}).status_code == 200


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_oidc_3_1_2_6_unsupported_parameters_have_their_own_errors(flow, conf_client, name):
    answer = query_of(flow.authorize(conf_client, **{name: "x"})["Location"])
    assert answer["error"] == f"{name}_not_supported"


def test_oidc_3_1_3_3_token_response_has_an_id_token(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid")
    assert tokens["token_type"] == "Bearer"
    assert tokens["id_token"]


def test_oidc_3_1_3_6_at_hash_is_the_left_half_of_the_hash(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid")
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert _id_token(tokens, conf_client)["at_hash"] == expected


def test_oidc_5_3_1_userinfo_supports_get_and_post(flow, conf_client):
    value = flow.tokens(conf_client, scope="openid")["access_token"]
    header = {"HTTP_AUTHORIZATION": f"Bearer {value}"}
    assert Browser().get("/userinfo", **header).status_code == 200
    assert Browser().post("/userinfo", **header).status_code == 200
    assert post_form(Browser(), "/userinfo", {}, **header).status_code == 200


def test_oidc_5_3_2_userinfo_has_the_sub_of_the_id_token(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid")
    response = userinfo(tokens["access_token"])
    assert response["Content-Type"] == "application/json"
    assert response.json()["sub"] == _id_token(tokens, conf_client)["sub"]


def test_oidc_5_3_userinfo_needs_openid(flow, conf_client):
    assert userinfo(flow.tokens(conf_client, scope="read")["access_token"]).status_code == 403


def test_oidc_12_2_refreshed_id_token_keeps_subject_audience_and_auth_time(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid", nonce="once")
    before = _id_token(tokens, conf_client)
    after = _id_token(refresh(conf_client, tokens["refresh_token"]).json(), conf_client)
    assert {name: before[name] for name in ("iss", "sub", "aud", "auth_time")} == {
        name: after[name] for name in ("iss", "sub", "aud", "auth_time")
    }
    assert after["iat"] >= before["iat"]


def shannon_bits(value: str) -> float:
    """The entropy of a value as the OpenID Foundation's suite measures it."""
    counts = [value.count(sign) for sign in set(value)]
    return -sum(count * math.log2(count / len(value)) for count in counts)


def test_a1_codes_and_tokens_are_long_and_random_enough(flow, conf_client):
    conf_client.row.change(token_format="opaque")
    for _ in range(5):
        code = flow.code(conf_client, scope="openid read")
        tokens = flow.redeem(conf_client, code).json()
        for value in (code, tokens["access_token"], tokens["refresh_token"]):
            assert len(value) * 8 >= 128
            assert shannon_bits(value) >= 96
            assert re.fullmatch(r"[\x20-\x7e]+", value)


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "token"}, {"scope": "caf\u00e9"}, {"scope": 'a"b'}, {"prompt": "none login"},
        {"response_mode": "\r\nx"}, {"claims": "{"}, {"code_challenge": None}, {"request": "x"}, {"nonce": "n" * 600},
        {"resource": "https://nobody.example"}, {"max_age": "x\ty"},
    ],
)  # fmt: skip
def test_a1_error_description_has_the_characters_it_may_have_and_state_comes_back_whole(flow, conf_client, changes):
    state = "s" * 118 + "-._~!$*()+"
    answer = flow.authorize(conf_client, **{"scope": "openid", "state": state, **changes})
    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        told = query_of(answer["Location"])
        assert set(told) == {"error", "error_description", "state", "iss"}
        assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", told["error_description"])
        assert told["state"] == state
