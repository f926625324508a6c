"""RFC 7591, OAuth 2.0 Dynamic Client Registration Protocol: a test a sentence."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import Client
from tests.flow import machine_token, post_form
from tests.register import DEVICE, MACHINE, NATIVE, WEB, client_of, post, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]

INVALID = "invalid_client_metadata"


def refused(document, error: str = INVALID, **more) -> None:
    response = post(document, **more)
    assert (response.status_code, response.json()["error"]) == (400, error), response.content


def test_rfc7591_2_redirect_based_clients_register_their_redirect_uris():
    refused({**WEB, "redirect_uris": None}, "invalid_redirect_uri")


@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
def test_rfc7591_2_token_endpoint_auth_method_is_the_one_that_works(method, flow):
    client = client_of(registered({**WEB, "token_endpoint_auth_method": method}))
    code = flow.code(client)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://c.example/cb",
            "code_verifier": flow.verifier}  # fmt: skip
    ways = {
        "none": ({"client_id": client.client_id}, {}),
        "client_secret_post": ({"client_id": client.client_id, "client_secret": client.secret}, {}),
        "client_secret_basic": ({}, {"HTTP_AUTHORIZATION": client.basic}),
    }
    for other, (body, headers) in ways.items():
        if other != method:
            assert post_form(Browser(), "/token", {**form, **body}, **headers).status_code == 401
    body, headers = ways[method]
    assert post_form(Browser(), "/token", {**form, **body}, **headers).status_code == 200


def test_rfc7591_2_default_method_is_client_secret_basic():
    answer = registered({"redirect_uris": ["https://c.example/cb"]})
    assert answer["token_endpoint_auth_method"] == "client_secret_basic"
    assert answer["client_secret"]


def test_rfc7591_2_default_grant_type_is_the_authorization_code_only(flow):
    answer = registered({"redirect_uris": ["https://c.example/cb"]})
    assert (answer["grant_types"], answer["response_types"]) == (["authorization_code"], ["code"])


def test_rfc7591_2_contacts_is_a_list():
    assert registered({**WEB, "contacts": ["ada@people.example"]})["contacts"] == ["ada@people.example"]
    refused({**WEB, "contacts": "ada@people.example"})


def test_rfc7591_2_without_scope_a_default_set_is_registered():
    assert registered({**WEB, "scope": None})["scope"] == "openid read"


def test_rfc7591_2_scope_holds_for_what_the_client_asks_later(flow):
    client = client_of(registered({**WEB, "scope": "read"}))
    assert "error=invalid_scope" in flow.authorize(client, scope="openid read")["Location"]


def test_rfc7591_2_jwks_and_jwks_uri_must_not_both_be_present():
    keys = {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]}
    refused({**WEB, "jwks": keys, "jwks_uri": "https://c.example/jwks"})


@pytest.mark.parametrize("name", ["client_uri", "logo_uri", "tos_uri", "policy_uri"])
def test_rfc7591_2_addresses_of_pages_are_kept_and_shown(name, flow):
    address = f"https://c.example/{name}"
    answer = registered({**WEB, name: address})
    assert answer[name] == address
    if name in {"tos_uri", "policy_uri"}:
        assert address in flow.authorize(client_of(answer)).content.decode()


def test_rfc7591_2_metadata_that_is_not_understood_is_ignored():
    answer = registered({**WEB, "example_extension_parameter": "example_value"})
    assert "example_extension_parameter" not in answer


@pytest.mark.parametrize(
    ("grant_types", "response_types"),
    [
        (["authorization_code"], ["token"]),
        (["authorization_code"], []),
        (["implicit"], ["token"]),
        (DEVICE["grant_types"], ["code"]),
    ],
)
def test_rfc7591_2_1_inconsistent_grant_and_response_types_are_refused(grant_types, response_types):
    refused({**WEB, "grant_types": grant_types, "response_types": response_types})


def test_rfc7591_2_1_consistent_ones_are_registered():
    answer = registered({**WEB, "grant_types": ["authorization_code"], "response_types": ["code"]})
    assert (answer["grant_types"], answer["response_types"]) == (["authorization_code"], ["code"])


def test_rfc7591_2_2_human_readable_members_may_come_in_languages():
    answer = registered({**WEB, "client_name#ja-Jpan-JP": "クライアント名", "tos_uri#fr": "https://c.example/fr/tos"})
    assert answer["client_name"] == WEB["client_name"]


def test_rfc7591_2_3_and_3_1_1_software_statement_may_be_ignored():
    statement = "eyJhbGciOiJSUzI1NiJ9.eyJjbGllbnRfbmFtZSI6IkZyb20gdGhlIHN0YXRlbWVudCJ9.c2ln"
    answer = registered({**WEB, "software_statement": statement})
    assert answer["client_name"] == WEB["client_name"]
    assert "software_statement" not in answer


def test_rfc7591_3_open_registration_needs_no_authorization():
    assert post(WEB).status_code == 201


def test_rfc7591_3_protected_registration_takes_an_initial_access_token_by_rfc6750(settings, initial_access_token):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "DYNAMIC_REGISTRATION": "token"}
    response = post(WEB)
    assert (response.status_code, response["WWW-Authenticate"].split()[0]) == (401, "Bearer")
    assert post(WEB, initial_access_token).status_code == 201


def test_rfc7591_3_1_request_is_a_post_of_application_json():
    assert Browser().get("/register").status_code == 405
    form = post_form(Browser(), "/register", {"redirect_uris": "https://c.example/cb"})
    assert (form.status_code, form.json()["error"]) == (400, INVALID)


def test_rfc7591_3_1_values_may_be_replaced_and_the_answer_says_so():
    device = DEVICE["grant_types"][0]
    asked = {**NATIVE, "grant_types": ["authorization_code", device]}
    assert registered(asked)["grant_types"] == ["authorization_code"]


def test_rfc7591_3_2_1_answer_is_201_json_that_is_not_cached():
    response = post(WEB)
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert (response["Cache-Control"], response["Pragma"]) == ("no-store", "no-cache")


def test_rfc7591_3_2_1_client_id_is_unique_and_never_given_before():
    assert len({registered()["client_id"] for _ in range(5)}) == 5


def test_rfc7591_3_2_1_secret_is_unique_per_client_and_comes_with_its_end():
    answers = [registered() for _ in range(3)]
    assert len({answer["client_secret"] for answer in answers}) == 3
    assert {answer["client_secret_expires_at"] for answer in answers} == {0}


def test_rfc7591_3_2_1_public_client_gets_no_secret():
    assert not {"client_secret", "client_secret_expires_at"} & set(registered(NATIVE))


def test_rfc7591_3_2_1_time_of_issue_is_in_seconds():
    answer = registered()
    assert answer["client_id_issued_at"] == int(Client.objects.get().created_at.timestamp())


def test_rfc7591_3_2_1_all_registered_metadata_is_returned_with_defaults():
    answer = registered({"redirect_uris": ["https://c.example/cb"]})
    expected = {"redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method", "scope"}
    assert expected <= set(answer)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({**WEB, "redirect_uris": ["http://c.example/cb"]}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": ["https://c.example/cb#fragment"]}, "invalid_redirect_uri"),
        ({**WEB, "contacts": [1]}, "invalid_client_metadata"),
        ({**WEB, "software_statement": "not a statement"}, "invalid_software_statement"),
    ],
)
def test_rfc7591_3_2_2_error_is_400_json_with_its_code(document, error):
    response = post(document)
    assert (response.status_code, response["Content-Type"]) == (400, "application/json")
    assert response.json()["error"] == error
    assert response.json()["error_description"].isascii()
    assert response["Cache-Control"] == "no-store"


def test_rfc7591_3_2_2_error_of_the_token_is_that_of_rfc6750():
    response = post(WEB, "not-a-token")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_rfc7591_5_every_value_a_client_names_is_checked_before_it_is_shown(flow):
    for name in ("logo_uri", "client_uri", "tos_uri", "policy_uri"):
        refused({**WEB, name: "javascript:alert(1)"})


def test_rfc7591_5_client_that_registered_itself_is_not_trusted_with_more_than_a_person_allows(initial_access_token):
    refused(MACHINE)
    client = client_of(registered(MACHINE, initial_access_token))
    assert machine_token(client, scope="read").status_code == 200
    assert machine_token(client, scope="write").json()["error"] == "invalid_scope"


def test_rfc7591_5_native_client_gets_no_secret_all_copies_share():
    answers = [registered({**NATIVE, "software_id": "notes"}) for _ in range(2)]
    assert answers[0]["client_id"] != answers[1]["client_id"]
