"""RFC 7662, Token Introspection: a test a sentence."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tests.flow import machine_token, post_form

pytestmark = pytest.mark.django_db

INACTIVE = {"active": False}


def _introspect(caller, value, **more):
    return post_form(Browser(), "/introspect", {"token": value, **more}, HTTP_AUTHORIZATION=caller.basic)


def test_rfc7662_2_1_request_is_post(db):
    assert Browser().get("/introspect?token=x").status_code == 405


def test_rfc7662_2_1_token_is_required(resource_server):
    response = post_form(Browser(), "/introspect", {}, HTTP_AUTHORIZATION=resource_server.basic)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_rfc7662_2_1_caller_is_authenticated(resource_server, machine_client):
    value = machine_token(machine_client).json()["access_token"]
    assert post_form(Browser(), "/introspect", {"token": value}).status_code == 401
    form = {"token": value, "client_id": resource_server.client_id}
    assert post_form(Browser(), "/introspect", form).status_code == 401


def test_rfc7662_2_1_public_client_is_not_authorized(public_client):
    form = {"token": "x", "client_id": public_client.client_id}
    assert post_form(Browser(), "/introspect", form).status_code == 401


@pytest.mark.parametrize("hint", ["refresh_token", "surprise"])
def test_rfc7662_2_1_hint_does_not_hinder(resource_server, machine_client, hint):
    value = machine_token(machine_client).json()["access_token"]
    assert _introspect(resource_server, value, token_type_hint=hint).json()["active"] is True


def test_rfc7662_2_2_active_token_with_what_it_stands_for(flow, conf_client, resource_server):
    value = flow.tokens(conf_client, scope="read write")["access_token"]
    response = _introspect(resource_server, value)
    body = response.json()
    assert response["Content-Type"] == "application/json"
    assert body["active"] is True
    assert body["scope"] == "read write"
    assert body["client_id"] == conf_client.client_id
    assert body["iss"] == body["aud"] == "https://provider.example"
    assert body["token_type"] == "Bearer"
    assert body["exp"] - body["iat"] == 3600
    assert body["sub"].startswith("u_")


@pytest.mark.parametrize("value", ["x", "op_at_" + "A" * 49, "eyJhbGciOiJub25lIn0.e30."])
def test_rfc7662_2_2_unknown_token_is_inactive_and_no_error(resource_server, value):
    response = _introspect(resource_server, value)
    assert (response.status_code, response.json()) == (200, INACTIVE)


def test_rfc7662_2_2_inactive_answer_says_nothing_else(conf_client, flow, resource_server):
    tokens = flow.tokens(conf_client)
    post_form(Browser(), "/revoke", {"token": tokens["refresh_token"]}, HTTP_AUTHORIZATION=conf_client.basic)
    assert _introspect(resource_server, tokens["access_token"]).json() == INACTIVE


def test_rfc7662_2_2_refresh_token_is_not_told_to_a_resource_server(flow, conf_client, resource_server):
    assert _introspect(resource_server, flow.tokens(conf_client)["refresh_token"]).json() == INACTIVE


def test_rfc7662_4_resource_server_learns_only_of_its_own_audience(machine_client, conf_client):
    value = machine_token(machine_client).json()["access_token"]
    assert _introspect(conf_client, value).json() == INACTIVE
    assert _introspect(machine_client, value).json() == INACTIVE


def test_rfc7662_4_answer_is_not_cached(resource_server):
    assert _introspect(resource_server, "x")["Cache-Control"] == "no-store"
