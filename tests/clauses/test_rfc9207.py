"""RFC 9207, Authorization Server Issuer Identification: a test a sentence."""

from __future__ import annotations

import pytest

from tests.flow import Flow, query_of

pytestmark = pytest.mark.django_db

ISSUER = "https://provider.example"


def test_rfc9207_2_iss_in_the_successful_response(flow, conf_client):
    assert query_of(flow.location(conf_client))["iss"] == ISSUER


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "surprise"},
        {"response_type": "token"},
        {"code_challenge": None},
        {"prompt": "none"},
        {"request": "eyJ"},
        {"response_mode": "jwt"},
        {"resource": "https://unknown.example"},
        {"nonce": "n" * 600},
        {"state": ["a", "b"]},
    ],
)
def test_rfc9207_2_iss_in_each_error_response(flow, conf_client, change):
    answer = query_of(flow.authorize(conf_client, **change)["Location"])
    assert answer["error"]
    assert answer["iss"] == ISSUER


def test_rfc9207_2_iss_when_the_person_refuses(flow, conf_client):
    assert query_of(flow.location(conf_client, decision="deny"))["iss"] == ISSUER


def test_rfc9207_2_iss_when_nobody_is_signed_in(conf_client):
    answer = query_of(Flow().authorize(conf_client, prompt="none")["Location"])
    assert (answer["error"], answer["iss"]) == ("login_required", ISSUER)
