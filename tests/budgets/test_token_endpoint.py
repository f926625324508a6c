"""Statements of POST /token (performance 2): client and secret in one, the audit row included."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tests.budgets.statements import budget
from tests.flow import machine_token, post_form, refresh

pytestmark = pytest.mark.django_db

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def test_client_credentials(machine, opaque_costs):
    with budget(2 + opaque_costs, exactly=2 + opaque_costs):
        assert machine_token(machine).status_code == 200


def test_code_exchange_with_openid(flow, web, opaque_costs):
    code = flow.code(web, scope="openid read")
    with budget(7, exactly=6 + opaque_costs):
        response = flow.redeem(web, code)
    assert {"id_token", "refresh_token"} <= set(response.json())


def test_code_exchange_with_claims_in_the_id_token(flow, web, opaque_costs):
    web.row.change(allowed_scopes=["*"], claims_in_id_token=True)
    code = flow.code(web, scope="openid profile email", claims='{"id_token": {"email": null}}')
    with budget(7, exactly=6 + opaque_costs):
        response = flow.redeem(web, code)
    assert {"id_token", "refresh_token"} <= set(response.json())


def test_refresh_with_openid(flow, web, opaque_costs):
    tokens = flow.tokens(web, scope="openid read")
    with budget(8, exactly=6 + opaque_costs):
        response = refresh(web, tokens["refresh_token"])
    assert {"id_token", "refresh_token"} <= set(response.json())


def test_refresh_answered_again_costs_less_than_the_first(flow, web, opaque_costs):
    tokens = flow.tokens(web, scope="openid read")
    refresh(web, tokens["refresh_token"])
    with budget(8, exactly=4 + opaque_costs):
        assert refresh(web, tokens["refresh_token"]).status_code == 200


def test_poll_of_a_waiting_device(device_client):
    asked = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    with budget(3, exactly=3):
        response = post_form(
            Browser(),
            "/token",
            {
                "grant_type": DEVICE_CODE,
                "device_code": asked["device_code"],
                "client_id": device_client.client_id,
            },
        )
    assert response.json()["error"] == "authorization_pending"


def test_code_that_is_no_code_costs_only_the_client_and_the_audit_row(flow, web):
    with budget(2, exactly=2):
        assert flow.redeem(web, "op_ac_" + "A" * 49).status_code == 400
