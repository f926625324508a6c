"""Introspection tells only who may know; revocation ends only what is one's own; documents never change."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import Client, Grant, RevokedToken
from tests.flow import Registered, machine_token, post_form, refresh, userinfo
from tests.hostile.expect import ISSUER, assert_refused

pytestmark = pytest.mark.django_db


def _introspect(caller, token):
    return post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=caller.basic)


def _revoke(caller, token, **more):
    form = {"token": token, "client_id": caller.client_id, "client_secret": caller.secret, **more}
    return post_form(Browser(), "/revoke", {name: value for name, value in form.items() if value is not None})


def test_C46_IS3_public_client_may_not_introspect(flow, public_client):
    token = flow.tokens(public_client)["access_token"]
    form = {
        "client_id": public_client.client_id,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "token": token,
    }
    assert_refused(post_form(Browser(), "/introspect", form), "invalid_client", status=401)


def test_C46_IS3_nobody_and_get_learn_nothing(flow, conf_client):
    token = flow.tokens(conf_client)["access_token"]
    response = post_form(Browser(), "/introspect", {"token": token})
    assert_refused(response, "invalid_client", status=401)
    assert response["WWW-Authenticate"].startswith("Basic")
    got = Browser().get("/introspect", {"token": token}, HTTP_AUTHORIZATION=conf_client.basic)
    assert_refused(got, "invalid_request", status=405)
    # A bearer token is no client authentication.
    bearer = post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert_refused(bearer, "invalid_client", status=401)


def test_C47_IS3_other_audience_and_other_tokens_are_inactive(flow, conf_client, resource_server, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {"https://other.example": "Other"}}
    conf_client.row.resources = ["https://other.example"]
    conf_client.row.save()
    foreign = flow.tokens(conf_client, scope="openid read", resource="https://other.example")
    ours = flow.tokens(conf_client, scope="openid read", resource=ISSUER, prompt="consent")
    assert _introspect(resource_server, ours["access_token"]).json()["active"] is True
    for token in (
        foreign["access_token"],
        ours["id_token"],
        ours["refresh_token"],
        "unknown",
        "a\x00b",
        "op_at_" + "0" * 49,
        "eyJhbGciOiJub25lIn0.e30.",
        "😀",
    ):
        response = _introspect(resource_server, token)
        assert (response.status_code, response.json()) == (200, {"active": False}), token
        assert response["Cache-Control"] == "no-store"


def test_IS3_client_that_is_no_resource_server_learns_nothing(flow, conf_client, machine_client):
    token = flow.tokens(conf_client)["access_token"]
    assert _introspect(machine_client, token).json() == {"active": False}
    assert _introspect(conf_client, token).json() == {"active": False}


def test_IS3_answer_holds_what_the_resource_server_may_know_and_no_more(flow, conf_client, resource_server):
    told = _introspect(resource_server, flow.tokens(conf_client)["access_token"]).json()
    assert set(told) == {
        "active",
        "scope",
        "client_id",
        "token_type",
        "iss",
        "sub",
        "aud",
        "iat",
        "exp",
        "jti",
        "auth_time",
    }
    assert "alice" not in str(told)


def test_C48_IS2_token_of_another_client_is_not_ended(flow, conf_client, public_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert _revoke(public_client, token).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 200
    assert Grant.objects.get().revoked_at is None
    assert RevokedToken.objects.count() == 0


@pytest.mark.parametrize(
    "token", ["unknown", "a\x00b", "\x00", "op_rt_" + "0" * 49, "eyJhbGciOiJub25lIn0.e30.", "😀", "a" * 4096]
)
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_C48_IS2_unknown_token_is_answered_200(conf_client, token, hint):
    assert _revoke(conf_client, token, token_type_hint=hint).status_code == 200
    assert RevokedToken.objects.count() == 0


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token"])
def test_IS2_access_token_ends_alone_and_refresh_token_with_everything(flow, conf_client, token_format, hint):
    conf_client.row.token_format = token_format
    conf_client.row.save()
    first = flow.tokens(conf_client, scope="openid read")
    second = refresh(conf_client, first["refresh_token"]).json()
    assert _revoke(conf_client, first["access_token"], token_type_hint=hint).status_code == 200
    assert [userinfo(tokens["access_token"]).status_code for tokens in (first, second)] == [401, 200]
    assert _revoke(conf_client, second["refresh_token"], token_type_hint=hint).status_code == 200
    assert [userinfo(tokens["access_token"]).status_code for tokens in (first, second)] == [401, 401]
    assert_refused(refresh(conf_client, second["refresh_token"]), "invalid_grant")
    # Once more is no error.
    assert _revoke(conf_client, second["refresh_token"]).status_code == 200


def test_IS2_machine_token_is_ended(machine_client, resource_server):
    token = machine_token(machine_client).json()["access_token"]
    assert _introspect(resource_server, token).json()["active"] is True
    assert _revoke(machine_client, token).status_code == 200
    assert _introspect(resource_server, token).json() == {"active": False}


def test_IS2_revocation_needs_the_client(flow, conf_client):
    tokens = flow.tokens(conf_client)
    assert_refused(_revoke(Registered(conf_client.row, "wrong"), tokens["refresh_token"]), "invalid_client", status=401)
    assert_refused(post_form(Browser(), "/revoke", {"token": tokens["refresh_token"]}), "invalid_client", status=401)
    assert_refused(_revoke(conf_client, None), "invalid_request")
    assert Grant.objects.get().revoked_at is None


PATHS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"]


@pytest.mark.parametrize("path", PATHS)
def test_C63_document_is_the_same_for_everybody_or_refused(db, path):
    expected = Browser().get(path)
    assert expected.status_code == 200
    assert expected["Cache-Control"].startswith("public, max-age=")
    for headers in (
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_HOST": "localhost"},
        {"HTTP_COOKIE": "x=1"},
    ):
        response = Browser().get(f"{path}?x=1", **headers)
        assert response.content == expected.content
        assert "Cookie" not in response.headers.get("Vary", "")
    assert Browser().get(path, HTTP_HOST="evil.example").status_code == 400
    assert Browser().get(f"{path}/").content == expected.content
    assert Browser().post(path).status_code == 405


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("suffix", ["/x", "/../token", "//", "/%00", "/x/y/z", ".json"])
def test_C63_odd_suffix_is_not_found(db, path, suffix):
    assert Browser().get(path + suffix).status_code == 404


def test_AS14_token_for_one_audience_says_so(flow, conf_client, settings):
    Client.objects.filter(pk=conf_client.row.pk).update(resources=[])
    response = flow.authorize(conf_client, resource="https://other.example")
    assert "error=invalid_target" in response["Location"]
