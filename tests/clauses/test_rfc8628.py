"""RFC 8628, Device Authorization Grant: a test a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.models import Client, DeviceCode
from tests.flow import post_form, userinfo

pytestmark = pytest.mark.django_db

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


def _start(client, **more):
    return post_form(Browser(), "/device_authorization", {"client_id": client.client_id, **more})


def _poll(client, started, **more):
    form = {"grant_type": GRANT_TYPE, "device_code": started["device_code"], "client_id": client.client_id}
    return post_form(Browser(), "/token", {**form, **more})


def _waited():
    """The device has waited as long as it was told to."""
    long_ago = timezone.now() - timedelta(seconds=60)
    DeviceCode.objects.update(polled_at=long_ago)


def _decide(flow, started, decision):
    flow.browser.post("/device", {"user_code": started["user_code"]})
    return flow.browser.post("/device", {"user_code": started["user_code"], "decision": decision})


def test_rfc8628_3_2_response_has_the_required_members(device_client):
    response = _start(device_client, scope="openid read")
    body = response.json()
    assert response["Cache-Control"] == "no-store"
    assert body["verification_uri"] == "https://provider.example/device"
    assert body["verification_uri_complete"] == f"{body['verification_uri']}?user_code={body['user_code']}"
    assert (body["expires_in"], body["interval"]) == (600, 5)


def test_rfc8628_3_1_confidential_device_authenticates(conf_client, device_client):
    device_client.row.auth_method = "client_secret_basic"
    device_client.row.save(update_fields=["auth_method"])
    assert _start(device_client).status_code == 401


def test_rfc8628_3_1_client_must_be_registered_for_it(public_client):
    assert _start(public_client).json()["error"] == "unauthorized_client"


def test_rfc8628_3_1_scope_is_checked(device_client):
    assert _start(device_client, scope="write").json()["error"] == "invalid_scope"


def test_rfc8628_3_3_get_never_approves(flow, device_client):
    started = _start(device_client).json()
    flow.browser.get("/device", {"user_code": started["user_code"], "decision": "allow"})
    assert _poll(device_client, started).json()["error"] == "authorization_pending"


def test_rfc8628_3_3_page_shows_the_code_to_compare(flow, device_client):
    started = _start(device_client).json()
    page = flow.browser.post("/device", {"user_code": started["user_code"].lower().replace("-", " ")})
    assert started["user_code"] in page.content.decode()
    assert "Notes for TV" in page.content.decode()


def test_rfc8628_3_5_authorization_pending(device_client):
    response = _poll(device_client, _start(device_client).json())
    assert (response.status_code, response.json()["error"]) == (400, "authorization_pending")


def test_rfc8628_3_5_slow_down_adds_five_seconds(device_client):
    started = _start(device_client).json()
    _poll(device_client, started)
    assert _poll(device_client, started).json()["error"] == "slow_down"
    assert DeviceCode.objects.get().interval == 10


def test_rfc8628_3_5_access_denied(flow, device_client):
    started = _start(device_client).json()
    _decide(flow, started, "deny")
    assert _poll(device_client, started).json()["error"] == "access_denied"


def test_rfc8628_3_5_expired_token(device_client):
    started = _start(device_client).json()
    DeviceCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert _poll(device_client, started).json()["error"] == "expired_token"


def test_rfc8628_3_5_allowed_device_gets_tokens_once(flow, device_client):
    started = _start(device_client, scope="openid read").json()
    _poll(device_client, started)
    _decide(flow, started, "allow")
    _waited()
    tokens = _poll(device_client, started).json()
    assert userinfo(tokens["access_token"]).status_code == 200
    assert tokens["refresh_token"]
    _waited()
    assert _poll(device_client, started).json()["error"] == "invalid_grant"


def test_rfc8628_3_4_device_code_is_bound_to_the_client(flow, device_client):
    started = _start(device_client).json()
    _decide(flow, started, "allow")
    other, _none = Client.objects.register(name="Another TV", profile="device", scopes=["read"])
    response = post_form(
        Browser(),
        "/token",
        {"grant_type": GRANT_TYPE, "device_code": started["device_code"], "client_id": other.client_id},
    )
    assert response.json()["error"] == "invalid_grant"


def test_rfc8628_3_4_device_code_is_required(device_client):
    response = _poll(device_client, {"device_code": ""})
    assert response.json()["error"] == "invalid_request"


def test_rfc8628_5_1_user_code_is_tried_a_few_times_only(flow, device_client):
    started = _start(device_client).json()
    for _ in range(5):
        assert flow.browser.post("/device", {"user_code": "BBBB-BBBB"}).status_code == 400
    assert flow.browser.post("/device", {"user_code": started["user_code"]}).status_code == 429


def test_rfc8628_6_1_user_code_has_no_letters_that_are_mistaken(device_client):
    for _ in range(20):
        code = _start(device_client).json()["user_code"].replace("-", "")
        assert len(code) == 8
        assert set(code) <= set("BCDFGHJKLMNPQRSTVWXZ")
