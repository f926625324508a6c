"""RFC 8707, Resource Indicators: a test a sentence."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import Client, DeviceCode
from tests.flow import Registered, machine_token, post_form, query_of, refresh

pytestmark = pytest.mark.django_db

NOTES, MAIL, FILES = "https://notes.example/api", "https://mail.example/api", "https://files.example/api"


@pytest.fixture(autouse=True)
def _resources(settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "RESOURCES": {NOTES: "Notes", MAIL: "Mail", FILES: "Files"},
    }


def _audience(access_token):
    payload = access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["aud"]


@pytest.fixture
def client(conf_client):
    conf_client.row.resources = [NOTES, MAIL]
    conf_client.row.save(update_fields=["resources"])
    return conf_client


@pytest.fixture
def machine(machine_client):
    machine_client.row.resources = [NOTES, MAIL]
    machine_client.row.save(update_fields=["resources"])
    return machine_client


def test_rfc8707_2_resource_becomes_the_audience(machine):
    assert _audience(machine_token(machine, resource=NOTES).json()["access_token"]) == NOTES


def test_rfc8707_2_several_resources_may_be_named(machine):
    value = machine_token(machine, resource=[NOTES, MAIL]).json()["access_token"]
    assert set(_audience(value)) == {NOTES, MAIL}


@pytest.mark.parametrize(
    "resource", ["surprise", "https://other.example", NOTES + "#part", NOTES + "/", FILES, "not a uri"]
)
def test_rfc8707_2_unknown_malformed_or_not_allowed_resource_is_invalid_target(machine, resource):
    response = machine_token(machine, resource=resource)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_target")


def test_rfc8707_2_1_authorization_request_with_an_unknown_resource_is_invalid_target(flow, client):
    location = flow.authorize(client, resource="https://other.example")["Location"]
    assert query_of(location)["error"] == "invalid_target"


def test_rfc8707_2_1_resource_of_the_authorization_request_is_kept(flow, client):
    assert _audience(flow.tokens(client, resource=NOTES)["access_token"]) == NOTES


def test_rfc8707_2_2_token_request_may_narrow_and_refresh_may_choose_another_of_them(flow, client):
    code = flow.code(client, resource=[NOTES, MAIL])
    tokens = flow.redeem(client, code, resource=NOTES).json()
    assert _audience(tokens["access_token"]) == NOTES
    other = refresh(client, tokens["refresh_token"], resource=MAIL).json()
    assert _audience(other["access_token"]) == MAIL


def test_rfc8707_2_2_token_request_may_not_widen(flow, client):
    code = flow.code(client, resource=NOTES)
    assert flow.redeem(client, code, resource=MAIL).json()["error"] == "invalid_target"
    tokens = flow.tokens(client, resource=NOTES)
    refused = refresh(client, tokens["refresh_token"], resource=MAIL)
    assert refused.json()["error"] == "invalid_target"
    # Nothing was spent: the client can ask again.
    assert refresh(client, tokens["refresh_token"]).status_code == 200


def test_rfc8707_2_2_resource_named_only_at_the_token_endpoint_stays_usable_when_refreshing(flow, client):
    tokens = flow.redeem(client, flow.code(client), resource=NOTES).json()
    assert _audience(tokens["access_token"]) == NOTES
    again = refresh(client, tokens["refresh_token"], resource=NOTES)
    assert again.status_code == 200, again.content
    assert _audience(again.json()["access_token"]) == NOTES


def test_rfc8707_2_2_device_may_narrow_too(flow):
    device = Registered(
        *Client.objects.register(
            name="TV", profile="device", scopes=["read"], default_scopes=["read"], resources=[NOTES, MAIL]
        )
    )
    form = {"client_id": device.client_id, "resource": [NOTES, MAIL]}
    started = post_form(Browser(), "/device_authorization", form).json()
    flow.browser.post("/device", {"user_code": started["user_code"]})
    flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"})
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": started["device_code"],
        "client_id": device.client_id,
    }
    assert post_form(Browser(), "/token", {**poll, "resource": FILES}).json()["error"] == "invalid_target"
    DeviceCode.objects.update(polled_at=timezone.now() - timedelta(seconds=60))
    assert _audience(post_form(Browser(), "/token", {**poll, "resource": NOTES}).json()["access_token"]) == NOTES


def test_rfc8707_2_resource_server_of_another_audience_sees_an_inactive_token(machine, flow):
    value = machine_token(machine, resource=NOTES).json()["access_token"]
    for audience, active in ((NOTES, True), (MAIL, False)):
        server = Registered(
            *Client.objects.register(name="API", profile="machine", scopes=["read"], resource_server_for=[audience])
        )
        response = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=server.basic)
        assert response.json()["active"] is active
