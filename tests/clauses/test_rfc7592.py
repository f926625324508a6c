"""RFC 7592, OAuth 2.0 Dynamic Client Registration Management Protocol: a test a sentence."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider import credentials
from oauth_provider.clients import status
from oauth_provider.models import Client
from tests.flow import refresh, userinfo
from tests.register import NATIVE, SERVERS_OWN, WEB, bearer, client_of, delete, get, path_of, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


@pytest.fixture
def answer():
    return registered(WEB)


def test_rfc7592_2_address_is_given_by_the_server_and_is_the_client_s_own(answer):
    assert answer["registration_client_uri"] == f"https://provider.example/register/{answer['client_id']}"
    assert get(answer).status_code == 200


def test_rfc7592_2_token_is_sent_by_rfc6750_and_its_lack_is_401(answer):
    for method in ("get", "put", "delete"):
        response = getattr(Browser(), method)(path_of(answer))
        assert (response.status_code, response["WWW-Authenticate"].split()[0]) == (401, "Bearer")


def test_rfc7592_2_1_read_is_200_with_what_is_registered_now(answer):
    response = get(answer)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Cache-Control"] == "no-store"
    assert response.json()["redirect_uris"] == WEB["redirect_uris"]


def test_rfc7592_2_1_unknown_client_is_401(answer):
    path = "/register/c_unknown"
    assert Browser().get(path, **bearer(answer["registration_access_token"])).status_code == 401


def test_rfc7592_2_1_wrong_token_is_401(answer):
    other = registered(NATIVE)
    assert get(answer, other["registration_access_token"]).status_code == 401
    assert get(answer, credentials.make(credentials.Kind.REGISTRATION_ACCESS_TOKEN)).status_code == 401


def test_rfc7592_2_1_client_without_permission_is_403(answer):
    status.suspend(client_of(answer).row)
    for response in (get(answer), put(answer), delete(answer)):
        assert response.status_code == 403


def test_rfc7592_2_2_update_replaces_all_metadata(answer):
    document = {
        "client_id": answer["client_id"],
        "redirect_uris": ["https://c.example/callback", "https://c.example/alt"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "client_name": "My New Example",
        "client_uri": "https://c.example/",
    }
    response = put(answer, document)
    assert response.status_code == 200
    assert {name: response.json()[name] for name in document} == document


def test_rfc7592_2_2_client_id_is_required_and_the_same(answer):
    for client_id in (None, "another"):
        assert put(answer, client_id=client_id).json()["error"] == "invalid_client_metadata"


@pytest.mark.parametrize("name", sorted(SERVERS_OWN))
def test_rfc7592_2_2_the_server_s_own_members_must_not_be_included(answer, name):
    assert put(answer, **{name: answer[name]}).json()["error"] == "invalid_client_metadata"


def test_rfc7592_2_2_omitted_and_null_members_are_deleted(answer):
    full = put(answer, tos_uri="https://c.example/tos", policy_uri="https://c.example/policy").json()
    body = {name: value for name, value in full.items() if name not in SERVERS_OWN and name != "tos_uri"}
    left = put(full, {**body, "policy_uri": None}).json()
    assert not {"tos_uri", "policy_uri"} & set(left)


def test_rfc7592_2_2_secret_that_is_included_must_match_and_is_never_overwritten(answer):
    assert put(answer, client_secret="own").json()["error"] == "invalid_client_metadata"
    assert put(answer, client_secret=answer["client_secret"]).status_code == 200


def test_rfc7592_2_2_invalid_value_is_400_as_in_rfc7591(answer):
    response = put(answer, redirect_uris=["http://c.example/cb"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")
    assert get(answer).json()["redirect_uris"] == WEB["redirect_uris"]


def test_rfc7592_2_3_end_is_204_without_content(answer):
    response = delete(answer)
    assert (response.status_code, response.content, response["Cache-Control"]) == (204, b"", "no-store")


def test_rfc7592_2_3_grants_and_tokens_of_the_client_end_at_once(answer, flow):
    client = client_of(answer)
    tokens = flow.tokens(client, scope="openid read")
    assert delete(answer).status_code == 204
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert flow.authorize(client).status_code == 400


def test_rfc7592_2_3_afterwards_the_token_is_401(answer):
    delete(answer)
    assert [method(answer).status_code for method in (get, put, delete)] == [401, 401, 401]


def test_rfc7592_3_answer_has_address_and_token(answer):
    for response in (get(answer), put(answer)):
        assert {"registration_client_uri", "registration_access_token", "client_id"} <= set(response.json())


def test_rfc7592_3_new_token_replaces_the_old_one_which_is_no_good_any_more(answer):
    changed = put(answer).json()
    assert changed["registration_access_token"] != answer["registration_access_token"]
    assert (get(answer).status_code, get(changed).status_code) == (401, 200)


def test_rfc7592_5_token_is_not_guessable_and_belongs_to_one_client(answer):
    token = answer["registration_access_token"]
    assert credentials.is_kind(token, credentials.Kind.REGISTRATION_ACCESS_TOKEN)
    assert Client.objects.filter(registration_token_digest=credentials.digest(token)).count() == 1


def test_rfc7592_5_token_does_not_expire_while_the_registration_stands(answer):
    assert "expires" not in str(sorted(set(answer) - {"client_secret_expires_at"}))
    assert [get(answer).status_code for _ in range(3)] == [200, 200, 200]
