"""What machines read stays English and ASCII, whatever language the person or the site has (RFC 6749 §5.2)."""

from __future__ import annotations

import pytest

from tests.flow import machine_token, query_of

pytestmark = pytest.mark.django_db


def test_error_that_goes_to_the_client_is_the_same_in_every_language(speak, flow, conf_client):
    english = flow.authorize(conf_client, scope="nothing")["Location"]
    assert query_of(flow.authorize(conf_client, scope="nothing", ui_locales="de")["Location"]) == query_of(english)
    speak("de")
    assert query_of(flow.authorize(conf_client, scope="nothing")["Location"]) == query_of(english)
    assert query_of(english)["error_description"].isascii()


def test_token_endpoint_of_a_german_site_answers_in_english(speak, machine_client):
    speak("de")
    answer = machine_token(machine_client, scope="nothing").json()
    assert answer["error_description"] == "A requested scope is unknown or not allowed for this client."
