"""RFC 7636, PKCE: a test a sentence."""

from __future__ import annotations

import pytest

from tests.flow import query_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "!", "a" * 42 + "\u00e4"])
def test_rfc7636_4_1_verifier_is_43_to_128_unreserved_characters(flow, conf_client, verifier):
    response = flow.redeem(conf_client, flow.code(conf_client), code_verifier=verifier)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


def test_rfc7636_4_2_s256_is_supported(flow, conf_client):
    assert flow.redeem(conf_client, flow.code(conf_client)).status_code == 200


@pytest.mark.parametrize("method", ["plain", "s256", "S512", None])
def test_rfc7636_4_3_other_methods_are_invalid_requests(flow, conf_client, method):
    answer = query_of(flow.authorize(conf_client, code_challenge_method=method)["Location"])
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("challenge", ["a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "+"])
def test_rfc7636_4_3_challenge_is_a_base64url_sha256(flow, conf_client, challenge):
    answer = query_of(flow.authorize(conf_client, code_challenge=challenge)["Location"])
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("who", ["conf_client", "public_client"])
def test_rfc7636_4_4_1_missing_challenge_is_an_invalid_request(request, flow, who):
    client = request.getfixturevalue(who)
    location = flow.authorize(client, code_challenge=None, code_challenge_method=None)["Location"]
    assert query_of(location)["error"] == "invalid_request"


def test_rfc7636_4_6_wrong_verifier_is_invalid_grant_and_spends_nothing(flow, conf_client):
    code = flow.code(conf_client)
    response = flow.redeem(conf_client, code, code_verifier="w" * 43)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    assert flow.redeem(conf_client, code).status_code == 200


def test_rfc7636_4_6_missing_verifier_is_invalid_grant(flow, conf_client):
    response = flow.redeem(conf_client, flow.code(conf_client), code_verifier=None)
    assert response.json()["error"] == "invalid_grant"


def test_rfc9700_2_1_1_verifier_without_a_challenge_is_refused(flow, conf_client):
    conf_client.row.profile, conf_client.row.require_pkce = "legacy", False
    conf_client.row.save(update_fields=["profile", "require_pkce"])
    code = flow.code(conf_client, code_challenge=None, code_challenge_method=None)
    assert flow.redeem(conf_client, code).json()["error"] == "invalid_grant"
