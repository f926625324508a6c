"""Statements of a request with a bearer token: one, whatever the token, the view and who stands behind it."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import Client
from oauth_provider.testing import as_app
from tests.budgets.statements import budget
from tests.flow import machine_token

pytestmark = pytest.mark.django_db

VIEWS = pytest.mark.parametrize("view", ["/plain", "/rest"])


def _get(view: str, value: str):
    return Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")


@VIEWS
def test_bearer_of_a_person(flow, web, view):
    value = flow.tokens(web)["access_token"]
    with budget(1, exactly=1):
        assert _get(view, value).status_code == 200


@VIEWS
def test_bearer_of_a_machine(machine, view):
    value = machine_token(machine).json()["access_token"]
    with budget(1, exactly=1):
        assert _get(view, value).status_code == 200


@VIEWS
def test_bearer_of_a_machine_with_a_service_account(machine, view, bob):
    Client.objects.filter(pk=machine.row.pk).update(service_account=bob)
    value = machine_token(machine).json()["access_token"]
    with budget(1, exactly=1):
        assert _get(view, value).status_code == 200


@VIEWS
def test_no_token_costs_nothing(view):
    with budget(0, exactly=0):
        assert Browser().get(view).status_code == 401


@VIEWS
def test_junk_with_our_prefix_costs_nothing(view):
    with budget(0, exactly=0):
        assert _get(view, "op_at_" + "A" * 49).status_code == 401


@VIEWS
def test_jwt_of_nobody_we_know_costs_nothing(view):
    with budget(0, exactly=0):
        assert _get(view, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln").status_code == 401


@VIEWS
def test_value_without_our_prefix_costs_one(view):
    with budget(1, exactly=1):
        assert _get(view, "a-token-of-somebody-else").status_code == 401


@VIEWS
def test_bound_token_costs_one_more(view, alice):
    app = as_app(Browser(), user=alice, scopes="read", dpop=True)
    with budget(2, exactly=2):
        assert app.get(view).status_code == 200


@VIEWS
def test_bound_token_without_its_proof_costs_what_a_bearer_token_does(view, alice):
    value = as_app(Browser(), user=alice, scopes="read", dpop=True).token
    with budget(1, exactly=1):
        assert _get(view, value).status_code == 401
