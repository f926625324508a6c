"""OpenID Connect Discovery §3: what is advertised of sign-in works, and what is not advertised does not (AS7)."""

from __future__ import annotations

import json

import jwt
import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from oauth_provider.claims import claim, registry, standard
from oauth_provider.clients import change
from oauth_provider.models import Client
from tests.flow import query_of, userinfo

pytestmark = pytest.mark.django_db

ALGS = ["RS256", "ES256", "PS256", "EdDSA", "HS256", "none", "RS384", "ES512"]
CLAIMS = [*standard.SCOPES, "employee_number", "sub", "iss", "auth_time", "acr", "amr", "sid"]


# Every member there may be, and what it is: a new one must be put here before it is announced.
ADDRESS, WORDS, FLAG = "an https address", "a list of words, none of them twice", "true or false"
MEMBERS = {
    "issuer": ADDRESS,
    **dict.fromkeys(
        [
            *("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"),
            *("introspection_endpoint", "device_authorization_endpoint", "end_session_endpoint"),
        ],
        ADDRESS,
    ),
    **dict.fromkeys(
        [
            *("scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported"),
            *("token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"),
            *("introspection_endpoint_auth_methods_supported", "code_challenge_methods_supported"),
            *("subject_types_supported", "id_token_signing_alg_values_supported"),
            *("userinfo_signing_alg_values_supported", "claims_supported", "claim_types_supported"),
            *("prompt_values_supported", "display_values_supported", "acr_values_supported", "ui_locales_supported"),
        ],
        WORDS,
    ),
    **dict.fromkeys(
        [
            *("authorization_response_iss_parameter_supported", "claims_parameter_supported"),
            *("request_parameter_supported", "request_uri_parameter_supported"),
            *("backchannel_logout_supported", "backchannel_logout_session_supported"),
            *("frontchannel_logout_supported", "frontchannel_logout_session_supported"),
        ],
        FLAG,
    ),
}
# There where a setting says so; tried by the tests of that setting.
AT_TIMES = {
    "registration_endpoint": ADDRESS,
    "authorization_details_types_supported": WORDS,
    "client_id_metadata_document_supported": FLAG,
}


def kind_of(value: object) -> str:
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, list) and all(isinstance(one, str) and one for one in value) and len({*value}) == len(value):
        return WORDS
    return ADDRESS if isinstance(value, str) and value.startswith("https://") else repr(value)


def test_as7_every_member_is_known_and_of_its_kind(metadata):
    assert {name: kind_of(value) for name, value in metadata.items() if name not in AT_TIMES} == MEMBERS
    for name, kind in AT_TIMES.items():
        assert name not in metadata or kind_of(metadata[name]) == kind


def says_how(request, user):
    del request, user
    return "urn:one", ["pwd"]


@pytest.fixture
def metadata(settings, monkeypatch):
    """Of a site that knows some claims, and how people sign in."""
    monkeypatch.setattr(registry, "_FOUND", {})
    for name in ("nickname", "birthdate", "email_verified"):
        claim(name)(lambda _user: "known")
    claim("shoe_size", scope="not-registered")(lambda _user: 38)
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "AUTHENTICATION_CONTEXT": f"{__name__}.says_how",
        "ACR_VALUES": ["urn:one", "urn:two"],
    }
    return Browser().get("/.well-known/openid-configuration").json()


def signed(flow, client, **columns) -> tuple[str, dict]:
    Client.objects.filter(pk=client.row.pk).update(allowed_scopes=["*"], **columns)
    tokens = flow.tokens(client, scope="openid")
    return jwt.get_unverified_header(tokens["id_token"])["alg"], tokens


@pytest.mark.parametrize("alg", ALGS)
def test_as7_algorithms_of_the_id_token(flow, conf_client, metadata, alg):
    served = metadata["id_token_signing_alg_values_supported"]
    assert "RS256" in served
    if alg in served:
        change.change(conf_client.row, id_token_signed_response_alg=alg)
        assert signed(flow, conf_client)[0] == alg
    else:
        with pytest.raises(ValidationError):
            change.change(conf_client.row, id_token_signed_response_alg=alg)
        # A row from elsewhere makes no token that nobody announced, and none the client would refuse.
        Client.objects.filter(pk=conf_client.row.pk).update(id_token_signed_response_alg=alg)
        refused = flow.redeem(conf_client, flow.code(conf_client, scope="openid"))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("alg", ALGS)
def test_as7_algorithms_of_userinfo(flow, conf_client, metadata, alg):
    if alg not in metadata["userinfo_signing_alg_values_supported"]:
        with pytest.raises(ValidationError):
            change.change(conf_client.row, userinfo_signed_response_alg=alg)
        return
    change.change(conf_client.row, userinfo_signed_response_alg=alg)
    tokens = flow.tokens(conf_client, scope="openid")
    assert jwt.get_unverified_header(userinfo(tokens["access_token"]).content.decode())["alg"] == alg


def test_as7_userinfo_of_a_row_with_an_algorithm_that_is_not_served_is_json(flow, conf_client):
    tokens = signed(flow, conf_client, userinfo_signed_response_alg="none")[1]
    assert userinfo(tokens["access_token"])["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", CLAIMS)
def test_as7_claims(flow, conf_client, metadata, alice, name):
    """A claim that is announced is told to whom asks for it; one that is not, is not."""
    alice.first_name, alice.last_name = "Ada", "Lovelace"
    alice.save()
    asked = json.dumps({"userinfo": {name: None}, "id_token": {name: None}})
    Client.objects.filter(pk=conf_client.row.pk).update(allowed_scopes=["*"])
    tokens = flow.tokens(conf_client, scope="openid", claims=asked)
    told = {**jwt.decode(tokens["id_token"], options={"verify_signature": False}),
            **userinfo(tokens["access_token"]).json()}  # fmt: skip
    assert (name in told) == (name in metadata["claims_supported"])


def test_as7_claim_whose_scope_is_not_registered_is_not_announced(metadata):
    assert "shoe_size" not in metadata["claims_supported"]


@pytest.mark.parametrize("value", ["page", "popup", "touch", "wap", "surprise"])
def test_as7_display(flow, conf_client, metadata, value):
    """Each is answered by a page, as §3.1.2.1 wants; announced are those it is made for."""
    assert flow.authorize(conf_client, display=value).status_code == 200
    assert set(metadata["display_values_supported"]) <= {"page", "popup", "touch", "wap"}


@pytest.mark.parametrize("value", ["urn:one", "urn:two", "urn:three"])
def test_as7_acr_values(flow, conf_client, metadata, value):
    """One that is announced is tried for; for another there is nothing to try."""
    flow.location(conf_client, scope="openid")
    session = flow.browser.session
    session["oauth_provider_auth_time"] -= 60
    session.save()
    answer = flow.authorize(conf_client, scope="openid", acr_values=value)
    is_reached, is_announced = value == "urn:one", value in metadata["acr_values_supported"]
    assert answer["Location"].startswith("/login") == (is_announced and not is_reached)


def test_as7_parameters_that_are_not_served(flow, conf_client, metadata):
    assert metadata["claims_parameter_supported"] is True
    for name in ("request", "request_uri"):
        assert metadata[f"{name}_parameter_supported"] is False
        assert query_of(flow.authorize(conf_client, **{name: "x"})["Location"])["error"] == f"{name}_not_supported"


def test_as7_subject_types_and_claim_types(metadata):
    assert metadata["subject_types_supported"] == ["public", "pairwise"]
    assert metadata["claim_types_supported"] == ["normal"]


def test_as7_a_site_that_says_nothing_announces_nothing():
    document = Browser().get("/.well-known/openid-configuration").json()
    assert "acr_values_supported" not in document
    assert "create" not in document["prompt_values_supported"]
    assert not {"nickname", "email_verified", "address", "acr", "amr"} & set(document["claims_supported"])
