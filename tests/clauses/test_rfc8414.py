"""RFC 8414 and OpenID Connect Discovery: metadata says what is accepted and nothing else (AS7)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser

from tests.flow import post_form, query_of

pytestmark = pytest.mark.django_db

PLACES = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]


@pytest.fixture
def metadata():
    return Browser().get(PLACES[0]).json()


@pytest.mark.parametrize("place", PLACES)
def test_rfc8414_3_document_is_json_answered_with_200(place):
    response = Browser().get(place)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


def test_rfc8414_3_1_each_place_has_the_same_document():
    first, second = (Browser().get(place).content for place in PLACES)
    assert first == second


def test_rfc8414_2_issuer_is_an_https_url_without_query_and_fragment(metadata):
    parts = urlsplit(metadata["issuer"])
    assert (parts.scheme, parts.query, parts.fragment) == ("https", "", "")


def test_rfc8414_3_3_issuer_is_the_one_the_address_was_made_from(metadata, settings):
    assert metadata["issuer"] == settings.OAUTH_PROVIDER["ISSUER"]


def test_rfc8414_3_3_host_header_does_not_change_the_document(metadata):
    assert Browser().get(PLACES[0], HTTP_HOST="localhost").json() == metadata


def test_rfc8414_2_every_endpoint_is_https_and_answers(metadata):
    endpoints = {name: url for name, url in metadata.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(endpoints) >= 7
    for name, url in endpoints.items():
        assert url.startswith("https://provider.example/"), name
        assert Browser().get(urlsplit(url).path).status_code != 404, name


def test_rfc8414_3_2_members_without_a_value_are_omitted(metadata):
    assert all(value not in ([], "", None) for value in metadata.values())


def test_discovery_3_required_members(metadata):
    for name in (
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
    ):
        assert metadata[name], name
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert "openid" in metadata["scopes_supported"]


def test_discovery_4_2_document_may_be_read_by_every_browser_app():
    response = Browser().get(PLACES[1], HTTP_ORIGIN="https://any.example")
    assert response["Access-Control-Allow-Origin"] in {"*", "https://any.example"}


# AS7: each advertised value is accepted, each other one refused.


@pytest.mark.parametrize("response_type", ["code", "token", "id_token", "code token", "none"])
def test_as7_response_types(flow, conf_client, metadata, response_type):
    response = flow.authorize(conf_client, response_type=response_type)
    assert (response.status_code == 200) == (response_type in metadata["response_types_supported"])


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "jwt", "query.jwt"])
def test_as7_response_modes(flow, conf_client, metadata, mode):
    response = flow.authorize(conf_client, response_mode=mode)
    assert (response.status_code == 200) == (mode in metadata["response_modes_supported"])


@pytest.mark.parametrize("method", ["S256", "plain", "S512"])
def test_as7_code_challenge_methods(flow, conf_client, metadata, method):
    response = flow.authorize(conf_client, code_challenge_method=method)
    assert (response.status_code == 200) == (method in metadata["code_challenge_methods_supported"])


@pytest.mark.parametrize("prompt", ["none", "login", "consent", "select_account", "create", "surprise"])
def test_as7_prompts(flow, conf_client, metadata, prompt):
    response = flow.authorize(conf_client, prompt=prompt)
    refused = response.status_code == 303 and query_of(response["Location"]).get("error") == "invalid_request"
    assert refused == (prompt not in metadata["prompt_values_supported"])


@pytest.mark.parametrize(
    "scope", ["openid", "read", "write", "introspection", "profile", "email", "address", "phone", "surprise"]
)
def test_as7_scopes(flow, conf_client, metadata, scope):
    conf_client.row.change(allowed_scopes=["*"])
    response = flow.authorize(conf_client, scope=scope)
    assert (response.status_code == 200) == (scope in metadata["scopes_supported"])


GRANT_TYPES = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "password",
    "implicit",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
]


@pytest.mark.parametrize("grant_type", GRANT_TYPES)
def test_as7_grant_types(conf_client, metadata, grant_type):
    response = post_form(Browser(), "/token", {"grant_type": grant_type}, HTTP_AUTHORIZATION=conf_client.basic)
    is_unknown = response.json()["error"] == "unsupported_grant_type"
    assert is_unknown == (grant_type not in metadata["grant_types_supported"])
    assert set(metadata["grant_types_supported"]) <= set(GRANT_TYPES)


def _authenticated(client, method, path, form):
    if method == "client_secret_basic":
        return post_form(Browser(), path, form, HTTP_AUTHORIZATION=client.basic)
    credentials = {"client_id": client.client_id}
    if method == "client_secret_post":
        credentials["client_secret"] = client.secret
    if method == "private_key_jwt":
        credentials |= {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        }
    return post_form(Browser(), path, {**form, **credentials})


METHODS = ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"]


@pytest.mark.parametrize("method", METHODS)
def test_as7_authentication_at_the_token_endpoint(conf_client, public_client, metadata, method):
    client = public_client if method == "none" else conf_client
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    is_known = _authenticated(client, method, "/token", form).status_code != 401
    assert is_known == (method in metadata["token_endpoint_auth_methods_supported"])


@pytest.mark.parametrize("method", METHODS)
def test_as7_authentication_at_the_revocation_endpoint(conf_client, public_client, metadata, method):
    client = public_client if method == "none" else conf_client
    is_known = _authenticated(client, method, "/revoke", {"token": "x"}).status_code == 200
    assert is_known == (method in metadata["revocation_endpoint_auth_methods_supported"])


@pytest.mark.parametrize("method", METHODS)
def test_as7_authentication_at_the_introspection_endpoint(conf_client, public_client, metadata, method):
    client = public_client if method == "none" else conf_client
    is_known = _authenticated(client, method, "/introspect", {"token": "x"}).status_code == 200
    assert is_known == (method in metadata["introspection_endpoint_auth_methods_supported"])


def test_as7_iss_parameter_is_sent_where_it_is_advertised(flow, conf_client, metadata):
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert query_of(flow.location(conf_client))["iss"] == metadata["issuer"]


@pytest.mark.parametrize(
    ("name", "error"), [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
)
def test_as7_request_objects_are_refused_as_advertised(flow, conf_client, metadata, name, error):
    assert metadata[f"{name}_parameter_supported"] is False
    assert query_of(flow.authorize(conf_client, **{name: "x"})["Location"])["error"] == error


def test_as7_nothing_is_advertised_that_is_not_served(metadata):
    for name in ("registration_endpoint", "pushed_authorization_request_endpoint"):
        assert name not in metadata
