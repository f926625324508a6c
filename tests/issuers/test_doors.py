"""Where a token of another issuer never enters, and for which views it is (RS2)."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from oauth_provider.testing import FakeIssuer
from tests.flow import post_form
from tests.issuers.conftest import PRESETS

ISSUER = "https://provider.example"


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_management_api_and_userinfo_know_own_tokens_only(issuer, trust, call):
    trust(issuer)
    # As powerful as it can be written.
    value = issuer.token(scope="openid oauth.clients.read oauth.clients oauth:read read", extra={"aud": ISSUER})
    for path in ("/management/clients/", "/management/grants/", "/userinfo"):
        assert call(value, path).status_code == 401, path
    trust(issuer, audience=ISSUER)
    for path in ("/management/clients/", "/management/grants/", "/userinfo"):
        assert call(value, path).status_code == 401, path


@pytest.mark.django_db
def test_C46_C47_introspection_says_nothing_about_tokens_of_others(issuer, trust, resource_server):
    trust(issuer)
    form = {"token": issuer.token()}
    answer = post_form(Client(), "/introspect", form, HTTP_AUTHORIZATION=resource_server.basic)
    assert (answer.status_code, answer.json()) == (200, {"active": False})


@pytest.mark.django_db
def test_C48_revocation_changes_nothing_for_tokens_of_others(issuer, trust, call, conf_client):
    trust(issuer)
    value = issuer.token()
    answer = post_form(Client(), "/revoke", {"token": value}, HTTP_AUTHORIZATION=conf_client.basic)
    assert answer.status_code == 200
    assert call(value).status_code == 200


@pytest.mark.django_db
def test_validator_for_the_toolkits_classes_knows_own_tokens_only(issuer, trust):
    from oauthlib.common import Request

    from oauth_provider.server.validator import OAuth2Validator

    trust(issuer)
    value = issuer.token()
    request = Request("/notes", headers={"Authorization": f"Bearer {value}"})
    assert not OAuth2Validator().validate_bearer_token(value, ["read"], request)


@pytest.mark.django_db
def test_own_tokens_enter_beside_those_of_others(issuer, trust, call, alice):
    from oauth_provider.testing import as_app

    trust(issuer)
    own = as_app(Client(), user=alice, scopes="read")
    said = call(own.token).json()
    assert (said["client"], said["issuer"]) == (own.app.client_id, ISSUER)
    assert call(issuer.token()).json()["issuer"] == issuer.issuer


def test_two_issuers_each_by_its_own_rules(trust, call):
    with FakeIssuer(preset="keycloak") as one, FakeIssuer(preset="okta", audience="api://notes") as two:
        trust(one, two)
        assert call(one.token()).json()["issuer"] == one.issuer
        assert call(two.token()).json()["issuer"] == two.issuer
        assert call(two.token(aud="https://api.example")).json()["reason"] == "wrong_audience"


SEVERAL = {"RESOURCES": {"https://notes.example": "Notes", "https://files.example": "Files"}}


@pytest.mark.parametrize(
    "case",
    [
        (["https://notes.example", "https://files.example"], "https://files.example", 200),
        (["https://notes.example", "https://files.example"], "https://notes.example", 401),
        (["https://notes.example"], "https://notes.example", 401),
        ({"https://files.example": "files-api"}, "files-api", 200),
        ({"https://files.example": ["files-api", "old-api"]}, "old-api", 200),
        ({"https://files.example": "files-api"}, "https://files.example", 401),
        ({"https://notes.example": "notes-api"}, "notes-api", 401),
        (["https://files.example", "else"], "else", 401),
    ],
)
def test_RS2_token_is_for_the_resource_of_the_view(issuer, trust, call, case):
    audience, aud, status = case
    trust(issuer, audience=audience, site=SEVERAL)
    answer = call(issuer.token(aud=aud), "/files")
    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(
    "case",
    [
        ("files-api", "files-api", 200),
        ("https://files.example", "https://files.example", 200),
        ("files-api", "x", 401),
        (["https://files.example", "files-api"], "files-api", 200),
        ({"https://files.example": "files-api"}, "files-api", 200),
        ({"https://files.example": "files-api"}, "https://files.example", 401),
    ],
)
def test_RS2_audience_of_a_site_with_one_resource_may_be_called_otherwise(issuer, trust, call, case):
    audience, aud, status = case
    trust(issuer, audience=audience, site={"RESOURCES": {"https://files.example": "Files"}})
    assert call(issuer.token(aud=aud), "/files").status_code == status


def test_metadata_of_the_resource_names_all_issuers(issuer, trust):
    trust(issuer)
    answer = Client().get("/.well-known/oauth-protected-resource")
    assert json.loads(answer.content)["authorization_servers"] == [ISSUER, issuer.issuer]


@pytest.mark.django_db
def test_refusal_is_not_explained_by_a_client_of_ours_with_the_same_id(issuer, trust, call, conf_client, alice):
    from oauth_provider.insight import explain

    trust(issuer)
    answer = call(issuer.token(scope="write", client_id=conf_client.row.client_id, sub=str(alice.pk)))
    assert answer.status_code == 403
    (found,) = explain.explain(answer.headers["X-Request-Id"]).refusals
    assert (found.client, found.user) == (None, None)
    assert issuer.issuer in found.client_id
