"""Client metadata: every member by type and value, the profile that follows, and the answer (RFC 7591 §2, §3.2.1)."""

from __future__ import annotations

import pytest

from oauth_provider.client_auth import METHODS
from oauth_provider.clients.metadata_fields import FIELDS
from oauth_provider.models import Client
from oauth_provider.values import AuthMethod
from tests.register import DEVICE, MACHINE, NATIVE, SERVERS_OWN, WEB, get, post, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]

KEY = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
INVALID = "invalid_client_metadata"
JWS = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


def refused(document, error: str = INVALID) -> str:
    response = post(document)
    assert (response.status_code, response.json()["error"]) == (400, error), response.content
    assert Client.objects.count() == 0
    return response.json()["error_description"]


# Types and values


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("value", [0, 1.5, {"a": 1}, [1], [[]], {}, "\t", [None], ["x" * 3000], "x" * 3000])
def test_member_of_a_wrong_type_or_value_is_refused(name, value):
    if name == "default_max_age" and value == 0:
        return
    error = {"redirect_uris": "invalid_redirect_uri", "software_statement": "invalid_software_statement"}
    assert name in refused({**WEB, name: value}, error.get(name, INVALID)) or name == "redirect_uris"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_endpoint_auth_method", "private_key_jwt"),
        ("token_endpoint_auth_method", "tls_client_auth"),
        ("token_endpoint_auth_method", "self_signed_tls_client_auth"),
        ("token_endpoint_auth_method", "client_secret_jwt"),
        ("grant_types", ["implicit"]),
        ("grant_types", ["authorization_code", "password"]),
        ("grant_types", ["refresh_token"]),
        ("grant_types", ["authorization_code", "client_credentials"]),
        ("grant_types", ["client_credentials"]),
        ("response_types", ["token"]),
        ("response_types", ["code id_token"]),
        ("response_types", ["code", "none"]),
        ("response_types", []),
        ("scope", "read  openid"),
        ("scope", " read"),
        ("scope", 'a"b'),
        ("scope", "é"),
        ("scope", ["read"]),
        ("contacts", ["not an address"]),
        ("contacts", [f"a{number}@people.example" for number in range(21)]),
        ("client_name", " "),
        ("client_name", "a\u202eb"),
        ("client_name", "x" * 256),
        ("client_name#de", "a\u202eb"),
        ("client_name#", "Notes"),
        ("client_name#not a tag", "Notes"),
        ("logo_uri#de", "http://c.example/logo"),
        ("software_id", "x\u200by"),
        ("application_type", "browser"),
        ("subject_type", "transient"),
        ("id_token_signed_response_alg", "none"),
        ("id_token_signed_response_alg", "HS256"),
        ("default_max_age", -1),
        ("default_max_age", True),
        ("default_max_age", 2**31),
        ("require_auth_time", "true"),
        ("jwks", {"keys": []}),
        ("jwks", {"keys": [{}]}),
        ("jwks", {"keys": [KEY] * 51}),
        ("jwks", {"keys": [{**KEY, "d": "private"}]}),
        ("jwks", {"keys": [{"kty": "oct", "k": "secret"}]}),
        ("jwks", {"keys": [{"kty": "RSA", "n": "n", "e": "AQAB", "p": "p"}]}),
        ("request_uris", ["http://c.example/request"]),
        ("post_logout_redirect_uris", ["http://c.example/out"]),
        ("post_logout_redirect_uris", ["javascript:alert(1)"]),
        ("post_logout_redirect_uris", ["https://c.example/out#x"]),
        ("post_logout_redirect_uris", ["com.example.app:/out"]),
        ("initiate_login_uri", "http://127.0.0.1/start"),
        ("initiate_login_uri", "https://c.example/start#x"),
        ("backchannel_logout_uri", "http://127.0.0.1/logout"),
        ("backchannel_logout_uri", "https://c.example:8443/logout"),
        ("backchannel_logout_uri", "https://c.example/logout#x"),
        ("backchannel_logout_uri", "https://a:b@c.example/logout"),
        ("frontchannel_logout_uri", "https://other.example/logout"),
        ("frontchannel_logout_uri", "https://c.example:8443/logout"),
        ("frontchannel_logout_uri", "https://sub.c.example/logout"),
        ("default_acr_values", ["two words"]),
        ("default_acr_values", [str(number) for number in range(21)]),
    ],
)
def test_value_that_is_not_served_or_not_sound_is_refused(name, value):
    refused({**WEB, name: value})


def test_jwks_and_jwks_uri_exclude_each_other():
    assert "not both" in refused({**WEB, "jwks": {"keys": [KEY]}, "jwks_uri": "https://c.example/jwks"})


@pytest.mark.parametrize("value", ["x", "a.b", "a.b.c.d", "a b.c.d", ""])
def test_software_statement_that_is_no_JWS_is_refused_and_another_is_ignored(value):
    if value:
        refused({**WEB, "software_statement": value}, "invalid_software_statement")
    assert "software_statement" not in registered({**WEB, "software_statement": JWS})


@pytest.mark.parametrize(
    "uri",
    [
        "http://c.example/cb",
        "https://c.example/cb#x",
        "https://*.example/cb",
        "https://a:b@c.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp:/cb",
        "com.example.app:/cb",
        "c.example/cb",
        "https://c.example/c b",
        "https://c.example/ü",
        "https://[c.example/cb",
        "https://c.example:99999/cb",
        "https:///cb",
        "",
    ],
)
def test_redirect_uri_keeps_the_rules_of_every_door(uri):
    refused({**WEB, "redirect_uris": [uri]}, "invalid_redirect_uri")


@pytest.mark.parametrize("value", [None, []])
def test_client_people_sign_in_with_needs_a_redirect_uri(value):
    refused({**WEB, "redirect_uris": value}, "invalid_redirect_uri")


@pytest.mark.parametrize("document", [DEVICE])
def test_client_without_redirect_has_none(document):
    refused({**document, "redirect_uris": ["https://c.example/cb"]}, "invalid_redirect_uri")


def test_refusal_is_english_in_the_characters_of_the_specification(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    settings.LANGUAGE_CODE = "de"
    response = post({**WEB, "contacts": ["nobody"]}, HTTP_ACCEPT_LANGUAGE="de")
    assert response.json()["error_description"] == "contacts: Contacts are mail addresses."
    refused({**WEB, "redirect_uris": ['https://c.example/"x\\']}, "invalid_redirect_uri")


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_count_as_left_out(value):
    names = [name for name in FIELDS if name not in {"redirect_uris", "grant_types", "token_endpoint_auth_method"}]
    answer = registered({**WEB, **dict.fromkeys(names, value)})
    expected = {
        *("client_id", "client_secret", "redirect_uris", "grant_types", "response_types", "application_type"),
        *("token_endpoint_auth_method", "scope", *SERVERS_OWN),
    }
    assert set(answer) == expected


# Defaults and what follows


def test_what_is_left_out_gets_the_defaults_of_the_RFC():
    answer = registered({"redirect_uris": ["https://c.example/cb"]})
    assert answer["grant_types"] == ["authorization_code"]
    assert answer["response_types"] == ["code"]
    assert answer["token_endpoint_auth_method"] == "client_secret_basic"


@pytest.mark.parametrize(
    ("changes", "profile"),
    [
        ({}, "web"),
        ({"redirect_uris": ["http://localhost:8080/cb"]}, "web"),
        ({"application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"]}, "web"),
        ({"token_endpoint_auth_method": "none"}, "mcp"),
        ({"token_endpoint_auth_method": "none", "application_type": "native"}, "native"),
        ({"token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/cb"]}, "native"),
        ({"token_endpoint_auth_method": "none", "redirect_uris": ["http://[::1]:1/cb"]}, "native"),
        ({"token_endpoint_auth_method": "none", "redirect_uris": ["http://localhost:6274/cb"]}, "native"),
        ({"token_endpoint_auth_method": "none", "redirect_uris": ["com.example.app:/cb"]}, "native"),
        (
            {"token_endpoint_auth_method": "none", "redirect_uris": ["https://a.example/cb", "http://127.0.0.1/"]},
            "native",
        ),
        (
            {
                "token_endpoint_auth_method": "none",
                "application_type": "web",
                "redirect_uris": ["http://localhost:1/cb"],
            },
            "mcp",
        ),
    ],
)
def test_profile_follows_from_what_the_client_is(changes, profile):
    registered({**WEB, **changes})
    assert Client.objects.get().profile == profile


@pytest.mark.parametrize(("method", "profile"), [("none", "device"), ("client_secret_basic", "device")])
def test_device_follows_from_its_grant(method, profile):
    answer = registered({**DEVICE, "token_endpoint_auth_method": method})
    assert (Client.objects.get().profile, answer["response_types"]) == (profile, [])
    assert ("client_secret" in answer) == (method != "none")


def test_private_scheme_needs_a_public_client_or_native(db):
    refused({**WEB, "application_type": "native", "redirect_uris": ["com.example.app:/cb"]}, "invalid_redirect_uri")
    document = {**NATIVE, "application_type": "web", "redirect_uris": ["com.example.app:/cb"]}
    refused(document, "invalid_redirect_uri")


def test_machine_cannot_be_public(initial_access_token):
    response = post({**MACHINE, "token_endpoint_auth_method": "none"}, initial_access_token)
    assert (response.status_code, response.json()["error"]) == (400, INVALID)


def test_client_that_sends_all_grants_of_the_metadata_becomes_one_people_sign_in_with():
    grants = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]
    document = {**NATIVE, "grant_types": grants, "response_types": ["code"]}
    assert registered(document)["grant_types"] == ["authorization_code", "refresh_token"]


def test_every_served_method_and_no_other_may_be_registered():
    methods = {method.name.value for method in METHODS}
    assert methods == {method for method in AuthMethod.values if method}
    description = refused({**WEB, "token_endpoint_auth_method": "private_key_jwt"})
    assert all(method in description for method in methods)


# The answer


FULL = {
    **WEB,
    "client_uri": "https://c.example/",
    "logo_uri": "https://c.example/logo.png",
    "tos_uri": "https://c.example/terms",
    "policy_uri": "https://c.example/privacy",
    "contacts": ["ada@people.example"],
    "software_id": "4f9a1b6e-notes",
    "software_version": "2.1",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
    "default_max_age": 0,
    "require_auth_time": True,
    "default_acr_values": ["1"],
    "initiate_login_uri": "https://c.example:8443/start?x=1",
    "post_logout_redirect_uris": ["https://c.example/out?x=1", "http://127.0.0.1:3000/out"],
    "backchannel_logout_uri": "https://c.example/logout?x=1",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://c.example/out",
    "frontchannel_logout_session_required": True,
    "redirect_uris": ["https://c.example/cb", "https://c.example/cb?x=1", "https://c.example/cb"],
}
NOT_KEPT = {
    "jwks": {"keys": [KEY]},
    "sector_identifier_uri": "https://c.example/sector.json",
    "request_uris": ["https://c.example/request#hash"],
    "subject_type": "public",
    "software_statement": JWS,
    "tls_client_certificate_bound_access_tokens": True,
    "made_up": {"deep": [1, 2, {"x": None}]},
}


def test_answer_lists_exactly_what_was_registered():
    answer = registered({**FULL, **NOT_KEPT})
    client = Client.objects.get()
    assert {name: answer[name] for name in FULL} == {**FULL, "redirect_uris": FULL["redirect_uris"][:2]}
    assert not set(NOT_KEPT) & set(answer)
    for name in ("client_uri", "logo_uri", "tos_uri", "policy_uri", "contacts", "software_id", "software_version"):
        assert getattr(client, name) == FULL[name]
    assert (answer["client_secret_expires_at"], answer["client_id_issued_at"]) == (
        0,
        int(client.created_at.timestamp()),
    )


@pytest.mark.parametrize("document", [WEB, FULL, NATIVE, DEVICE, {"redirect_uris": ["https://c.example/cb"]}])
def test_what_is_read_can_be_sent_back_and_changes_nothing(document):
    first = registered(document)
    columns = Client.objects.values().get()
    again = put(first).json()
    assert {**Client.objects.values().get(), "registration_token_digest": ""} == {
        **columns,
        "registration_token_digest": "",
    }
    ours = SERVERS_OWN | {"client_secret"}
    assert {n: v for n, v in again.items() if n not in ours} == {n: v for n, v in first.items() if n not in ours}
    assert get(again).json() == again
