"""The code flow over HTTP, from authorize to refresh and revoke."""

from __future__ import annotations

import pytest

from oauth_provider.models import AuthorizationCode
from tests.flow import Flow, field_of, post_form, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


def test_allowed_request_redirects_with_code_state_and_iss(flow, conf_client):
    answer = query_of(flow.location(conf_client))
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == "xyz123"
    assert answer["iss"] == "https://provider.example"


def test_code_is_exchanged_for_the_tokens_the_guide_shows(flow, conf_client):
    response = flow.redeem(conf_client, flow.code(conf_client, scope="openid read"))
    body = response.json()
    assert response.status_code == 200
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["refresh_token"].startswith("op_rt_")
    assert body["id_token"].count(".") == 2
    assert response["Cache-Control"] == "no-store"
    assert userinfo(body["access_token"]).status_code == 200


def test_refresh_answers_a_new_pair_and_the_same_successor_again(flow, conf_client):
    first = flow.tokens(conf_client, scope="openid read")
    second = refresh(conf_client, first["refresh_token"]).json()
    again = refresh(conf_client, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert again["refresh_token"] == second["refresh_token"]
    assert again["access_token"] != second["access_token"]


def test_c32_old_refresh_token_after_its_successor_was_used_ends_the_family(flow, conf_client):
    first = flow.tokens(conf_client, scope="openid read")
    second = refresh(conf_client, first["refresh_token"]).json()
    third = refresh(conf_client, second["refresh_token"]).json()
    replay = refresh(conf_client, first["refresh_token"])
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert refresh(conf_client, third["refresh_token"]).status_code == 400
    for tokens in (first, second, third):
        assert userinfo(tokens["access_token"]).status_code == 401


def test_cancel_answers_access_denied(flow, conf_client):
    answer = query_of(flow.location(conf_client, decision="deny"))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "xyz123"
    assert answer["iss"] == "https://provider.example"


def test_unauthenticated_person_is_sent_to_sign_in_with_the_whole_request(conf_client):
    response = Flow().authorize(conf_client)
    assert response.status_code == 303
    assert response["Location"].startswith("/login?next=%2Fauthorize%3F")


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_as1_redirect_uri_removed_while_the_page_is_open_is_not_followed(flow, conf_client, decision):
    page = flow.authorize(conf_client)
    conf_client.row.set_redirect_uris(["https://elsewhere.example/cb"])
    answer = post_form(
        flow.browser, "/authorize/decision", {"request": field_of(page, "request"), "decision": decision}
    )
    assert answer["Location"].startswith("/authorize?request=")
    shown = flow.browser.get(answer["Location"])
    assert shown.status_code == 400
    assert AuthorizationCode.objects.count() == 0


def test_as1_redirect_uri_removed_before_the_browser_goes_on_is_not_followed(flow, conf_client):
    page = flow.authorize(conf_client)
    decided = post_form(
        flow.browser, "/authorize/decision", {"request": field_of(page, "request"), "decision": "allow"}
    )
    conf_client.row.set_redirect_uris(["https://elsewhere.example/cb"])
    answer = flow.browser.get(decided["Location"])
    assert answer.status_code == 303
    assert "c.example" not in answer["Location"]
