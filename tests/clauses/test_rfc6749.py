"""RFC 6749, the OAuth 2.0 Authorization Framework: a test a sentence."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

import pytest
from django.test import Client as Browser

from oauth_provider.models import AuthorizationCode, Client, RefreshToken
from tests.flow import field_of, machine_token, post_form, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


# §2.3 Client authentication


def test_rfc6749_2_3_no_more_than_one_authentication_method_in_a_request(conf_client):
    response = post_form(
        Browser(),
        "/token",
        {
            "grant_type": "refresh_token",
            "client_id": conf_client.client_id,
            "client_secret": conf_client.secret,
        },
        HTTP_AUTHORIZATION=conf_client.basic,
    )
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_rfc6749_2_3_1_id_and_secret_in_the_header_are_form_encoded(machine_client):
    pair = f"{quote_plus(machine_client.client_id)}:{quote_plus(machine_client.secret)}"
    header = "Basic " + base64.b64encode(pair.replace("_", "%5F").encode()).decode()
    response = post_form(Browser(), "/token", {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=header)
    assert response.status_code == 200


def test_rfc6749_2_3_1_credentials_are_not_taken_from_the_request_uri(machine_client):
    response = post_form(
        Browser(),
        f"/token?client_id={machine_client.client_id}&client_secret={machine_client.secret}",
        {"grant_type": "client_credentials"},
    )
    assert response.status_code == 400


# §3.1 Authorization endpoint


def test_rfc6749_3_1_get_is_supported(flow, conf_client):
    assert flow.authorize(conf_client).status_code == 200


def test_rfc6749_3_1_post_may_be_used_as_well(flow, conf_client):
    flow.authorize(conf_client)
    response = post_form(
        flow.browser,
        "/authorize",
        {
            "response_type": "code",
            "client_id": conf_client.client_id,
            "redirect_uri": "https://c.example/cb",
            "scope": "read",
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        },
    )
    assert response.status_code == 303
    assert flow.browser.get(response["Location"]).status_code == 200


def test_rfc6749_3_1_parameter_without_a_value_is_omitted(flow, conf_client):
    answer = query_of(flow.location(conf_client, state="", scope=""))
    assert "code" in answer
    assert "state" not in answer


def test_rfc6749_3_1_unrecognized_parameters_are_ignored(flow, conf_client):
    assert flow.authorize(conf_client, surprise="1", display="page", ui_locales="de").status_code == 200


@pytest.mark.parametrize("name", ["scope", "state", "response_type", "code_challenge"])
def test_rfc6749_3_1_parameters_are_not_included_more_than_once(flow, conf_client, name):
    response = flow.authorize(conf_client, **{name: ["read", "write"]})
    assert query_of(response["Location"])["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_rfc6749_3_1_doubled_client_or_target_is_shown_and_not_redirected(flow, conf_client, name):
    assert flow.authorize(conf_client, **{name: ["x", "y"]}).status_code == 400


# §3.1.1, §3.1.2


def test_rfc6749_3_1_1_missing_response_type_is_an_error(flow, conf_client):
    answer = query_of(flow.authorize(conf_client, response_type=None)["Location"])
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "code id_token", "none"])
def test_rfc6749_3_1_1_not_understood_response_type_is_an_error(flow, conf_client, response_type):
    answer = query_of(flow.authorize(conf_client, response_type=response_type)["Location"])
    assert answer["error"] == "unsupported_response_type"


def test_rfc6749_3_1_2_query_of_the_redirect_uri_is_retained(flow, conf_client):
    conf_client.row.set_redirect_uris(["https://c.example/cb?tenant=7&x=%20y"])
    location = flow.location(conf_client)
    assert location.startswith("https://c.example/cb?tenant=7&x=%20y&code=")


def test_rfc6749_3_1_2_redirect_uri_has_no_fragment(flow, conf_client):
    assert flow.authorize(conf_client, redirect_uri="https://c.example/cb#f").status_code == 400


def test_rfc6749_3_1_2_3_redirect_uri_is_needed_when_several_are_registered(flow, conf_client):
    conf_client.row.set_redirect_uris(["https://c.example/cb", "https://c.example/other"])
    assert flow.authorize(conf_client, redirect_uri=None).status_code == 400


def test_rfc6749_3_1_2_3_registered_and_asked_uris_are_compared(flow, conf_client):
    for asked in ("https://c.example/cb/", "https://C.example/cb", "https://c.example/cb?x=1"):
        assert flow.authorize(conf_client, redirect_uri=asked).status_code == 400


def test_rfc6749_3_1_2_4_browser_is_not_sent_to_an_invalid_redirect_uri(flow, conf_client):
    response = flow.authorize(conf_client, redirect_uri="https://evil.example/cb")
    assert response.status_code == 400
    assert "Location" not in response


# §3.2 Token endpoint


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_rfc6749_3_2_client_must_use_post(db, method):
    response = getattr(Browser(), method)("/token")
    assert response.status_code == 405
    assert response["Allow"] == "POST"


def test_rfc6749_3_2_parameter_without_a_value_is_omitted(machine_client):
    assert machine_token(machine_client, scope="").json()["scope"] == "read"


def test_rfc6749_3_2_unrecognized_parameters_are_ignored(machine_client):
    assert machine_token(machine_client, surprise="1").status_code == 200


def test_rfc6749_3_2_parameters_are_not_included_more_than_once(machine_client):
    response = machine_token(machine_client, scope=["read", "write"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_rfc6749_3_3_scope_not_as_requested_is_told(machine_client):
    assert machine_token(machine_client).json()["scope"] == "read"


def test_rfc6749_3_3_order_of_scopes_does_not_matter(flow, conf_client):
    assert set(flow.tokens(conf_client, scope="write read")["scope"].split()) == {"read", "write"}


# §4.1.1, §4.1.2 Authorization request and response


def test_rfc6749_4_1_2_state_is_the_exact_value_received(flow, conf_client):
    state = "a b+c/d=%7E&" + "s" * 116
    assert query_of(flow.location(conf_client, state=state))["state"] == state


def test_rfc6749_4_1_2_code_expires_shortly(flow, conf_client):
    flow.code(conf_client)
    row = AuthorizationCode.objects.get()
    assert 0 < (row.expires_at - row.created_at).total_seconds() <= 600


def test_rfc6749_4_1_2_code_is_not_used_more_than_once_and_its_tokens_are_revoked(flow, conf_client):
    code = flow.code(conf_client, scope="openid read")
    tokens = flow.redeem(conf_client, code).json()
    assert flow.redeem(conf_client, code).json()["error"] == "invalid_grant"
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 400


def test_rfc6749_4_1_2_code_is_bound_to_the_client(flow, conf_client, public_client):
    code = flow.code(conf_client)
    verifier = flow.verifier
    response = flow.redeem(public_client, code, redirect_uri="https://c.example/cb", code_verifier=verifier)
    assert response.json()["error"] == "invalid_grant"
    assert flow.redeem(conf_client, code).status_code == 200


def test_rfc6749_4_1_2_1_unknown_client_is_shown_and_not_redirected(flow, conf_client):
    response = flow.authorize(conf_client, client_id="nobody")
    assert response.status_code == 400
    assert "Location" not in response


def test_rfc6749_4_1_2_1_denied_access(flow, conf_client):
    assert query_of(flow.location(conf_client, decision="deny"))["error"] == "access_denied"


def test_rfc6749_4_1_2_1_unknown_scope(flow, conf_client):
    answer = query_of(flow.authorize(conf_client, scope="read surprise")["Location"])
    assert answer["error"] == "invalid_scope"
    assert answer["state"] == "xyz123"
    assert set(answer) == {"error", "error_description", "state", "iss"}


def test_rfc6749_4_1_2_1_client_not_authorized_for_the_response_type(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(response_types=[])
    assert query_of(flow.authorize(conf_client)["Location"])["error"] == "unauthorized_client"


# §4.1.3 Access token request


def test_rfc6749_4_1_3_redirect_uri_is_identical_to_that_of_the_authorization_request(flow, conf_client):
    response = flow.redeem(conf_client, flow.code(conf_client), redirect_uri="https://c.example/other")
    assert response.json()["error"] == "invalid_grant"


def test_rfc6749_4_1_3_redirect_uri_is_required_without_pkce(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(profile="legacy", require_pkce=False)
    code = flow.code(conf_client, code_challenge=None, code_challenge_method=None)
    assert flow.redeem(conf_client, code, redirect_uri=None, code_verifier=None).status_code == 400
    assert flow.redeem(conf_client, code, code_verifier=None).status_code == 200


def test_rfc6749_4_1_3_confidential_client_must_authenticate(flow, conf_client):
    response = flow.redeem(conf_client, flow.code(conf_client), client_secret=None)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_rfc6749_4_1_3_code_is_valid(flow, conf_client):
    flow.authorize(conf_client)
    for code in ("x", "op_ac_" + "A" * 49, "op_rt_" + "A" * 49):
        assert flow.redeem(conf_client, code).json()["error"] == "invalid_grant"


def test_rfc6749_4_1_3_expired_code_is_refused(flow, conf_client):
    code = flow.code(conf_client)
    AuthorizationCode.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert flow.redeem(conf_client, code).json()["error"] == "invalid_grant"


# §4.4 Client credentials


def test_rfc6749_4_4_only_confidential_clients_use_client_credentials(public_client):
    Client.objects.filter(pk=public_client.row.pk).update(grant_types=["client_credentials"])
    response = post_form(
        Browser(), "/token", {"grant_type": "client_credentials", "client_id": public_client.client_id}
    )
    assert response.json()["error"] == "unauthorized_client"


def test_rfc6749_4_4_3_no_refresh_token_for_client_credentials(machine_client):
    assert "refresh_token" not in machine_token(machine_client).json()


# §5.1, §5.2


def test_rfc6749_5_1_token_response_is_not_cached(machine_client):
    response = machine_token(machine_client)
    assert response["Cache-Control"] == "no-store"
    assert response["Pragma"] == "no-cache"


def test_rfc6749_5_1_token_response_is_json_with_token_type_and_lifetime(machine_client):
    response = machine_token(machine_client)
    assert response["Content-Type"] == "application/json"
    assert response.json()["token_type"].lower() == "bearer"
    assert response.json()["expires_in"] == 3600
    assert isinstance(response.json()["access_token"], str)


def test_rfc6749_5_2_failed_authentication_is_401_with_a_challenge_of_the_scheme_used(machine_client):
    response = post_form(
        Browser(),
        "/token",
        {"grant_type": "client_credentials"},
        HTTP_AUTHORIZATION="Basic " + base64.b64encode(b"nobody:wrong").decode(),
    )
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "alice", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": "surprise"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unauthorized_client"),
        ({"grant_type": "client_credentials", "scope": "surprise"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "openid"}, "invalid_scope"),
    ],
)
def test_rfc6749_5_2_errors_are_400_and_named(machine_client, form, error):
    response = post_form(Browser(), "/token", form, HTTP_AUTHORIZATION=machine_client.basic)
    assert (response.status_code, response.json()["error"]) == (400, error)
    assert response["Cache-Control"] == "no-store"


def test_rfc6749_5_2_error_description_has_only_the_characters_allowed(machine_client):
    description = machine_token(machine_client, scope='"\\\u00fc\x07').json()["error_description"]
    assert all(sign in range(0x20, 0x7F) and chr(sign) not in '"\\' for sign in description.encode())


# §6 Refresh


def test_rfc6749_6_scope_may_be_narrowed_but_not_widened(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="read write")
    widened = refresh(conf_client, tokens["refresh_token"], scope="read openid")
    assert widened.json()["error"] == "invalid_scope"
    narrowed = refresh(conf_client, tokens["refresh_token"], scope="read").json()
    assert narrowed["scope"] == "read"


def test_rfc6749_6_new_refresh_token_keeps_the_scope_of_the_old_one(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="read write")
    narrowed = refresh(conf_client, tokens["refresh_token"], scope="read").json()
    assert refresh(conf_client, narrowed["refresh_token"]).json()["scope"] == "read write"


def test_rfc6749_6_refresh_token_is_bound_to_the_client(flow, conf_client, public_client):
    tokens = flow.tokens(conf_client)
    assert refresh(public_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_rfc6749_6_confidential_client_authenticates_when_refreshing(flow, conf_client):
    tokens = flow.tokens(conf_client)
    response = refresh(conf_client, tokens["refresh_token"], client_secret=None)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_rfc6749_10_4_refused_refresh_spends_nothing(flow, conf_client):
    tokens = flow.tokens(conf_client)
    refresh(conf_client, tokens["refresh_token"], scope="surprise")
    assert RefreshToken.objects.get().rotated_at is None


def test_rfc6749_10_13_consent_page_cannot_be_framed(flow, conf_client):
    page = flow.authorize(conf_client)
    assert field_of(page, "request")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
