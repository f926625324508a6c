"""RFC 6750, Bearer Token Usage: a test a sentence."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tests.flow import machine_token

pytestmark = pytest.mark.django_db

VIEWS = pytest.mark.parametrize("view", ["/plain", "/rest", "/userinfo"])


@pytest.fixture
def value(flow, conf_client):
    return flow.tokens(conf_client, scope="openid read")["access_token"]


@VIEWS
def test_rfc6750_2_1_resource_servers_support_the_authorization_header(value, view):
    assert Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}").status_code == 200


@VIEWS
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_rfc6750_2_1_scheme_is_compared_without_case(value, view, scheme):
    assert Browser().get(view, HTTP_AUTHORIZATION=f"{scheme} {value}").status_code == 200


@VIEWS
def test_rfc6750_2_only_one_method_to_transmit_the_token(value, view):
    response = Browser().get(f"{view}?access_token={value}", HTTP_AUTHORIZATION=f"Bearer {value}")
    assert response.status_code == 400
    assert 'error="invalid_request"' in response["WWW-Authenticate"]


@VIEWS
def test_rfc6750_2_3_token_in_the_query_is_not_accepted(value, view):
    assert Browser().get(f"{view}?access_token={value}").status_code in {400, 401}


@VIEWS
def test_rfc6750_3_1_no_error_code_when_no_authentication_was_sent(db, view):
    response = Browser().get(view)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer realm=")
    assert "error" not in response["WWW-Authenticate"]


@VIEWS
@pytest.mark.parametrize("junk", ["x", "op_at_" + "A" * 49, "eyJhbGciOiJub25lIn0.e30."])
def test_rfc6750_3_1_invalid_token_is_401_with_a_challenge(db, view, junk):
    response = Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {junk}")
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


@pytest.mark.parametrize("view", ["/plain", "/rest"])
def test_rfc6750_3_1_insufficient_scope_is_403_and_names_the_scope(machine_client, view):
    value = machine_token(machine_client, scope="write").json()["access_token"]
    response = Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")
    assert response.status_code == 403
    assert 'error="insufficient_scope"' in response["WWW-Authenticate"]
    assert 'scope="read"' in response["WWW-Authenticate"]


@VIEWS
def test_rfc6750_5_3_answers_to_bearers_are_private(value, view):
    response = Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")
    assert any(word in response["Cache-Control"] for word in ("no-store", "private"))
