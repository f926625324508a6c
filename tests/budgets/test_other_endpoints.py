"""Statements of metadata, JWKS, introspection, userinfo and revocation (performance 2)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser

from tests.budgets.statements import budget
from tests.flow import machine_token, post_form, userinfo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"]
)
def test_public_documents_cost_nothing(path):
    with budget(0, exactly=0):
        assert Browser().get(path).status_code == 200


def test_introspection(flow, web, resource_server):
    value = flow.tokens(web)["access_token"]
    with budget(2, exactly=2):
        response = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=resource_server.basic)
    assert response.json()["active"] is True


def test_introspection_of_a_machines_token(machine, resource_server):
    value = machine_token(machine).json()["access_token"]
    with budget(2, exactly=2):
        response = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=resource_server.basic)
    assert response.json()["active"] is True


def test_introspection_of_a_value_without_our_prefix_costs_one_more_look(resource_server):
    with budget(2, exactly=2):
        response = post_form(Browser(), "/introspect", {"token": "not-ours"}, HTTP_AUTHORIZATION=resource_server.basic)
    assert response.json() == {"active": False}


def test_userinfo(flow, web):
    value = flow.tokens(web, scope="openid read")["access_token"]
    with budget(1, exactly=1):
        assert userinfo(value).status_code == 200


@pytest.mark.parametrize(
    ("scope", "statements"), [("openid profile email address phone", 1), ("openid profile groups", 2)]
)
def test_userinfo_with_claims(flow, web, alice, scope, statements):
    """The user was read with the token; groups are a table of their own, and so are a site's own claims."""
    alice.groups.add(Group.objects.create(name="Editors"))
    web.row.change(allowed_scopes=["*"], told_groups=["Editors"])
    asked = '{"userinfo": {"email": null}}'
    value = flow.tokens(web, scope=scope, claims=asked)["access_token"]
    with budget(statements, exactly=statements):
        assert userinfo(value).json()["email"] == "alice@people.example"


def test_signed_userinfo(flow, web):
    web.row.change(userinfo_signed_response_alg="RS256")
    value = flow.tokens(web, scope="openid read")["access_token"]
    with budget(1, exactly=1):
        assert userinfo(value)["Content-Type"] == "application/jwt"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revocation(flow, web, kind):
    tokens = flow.tokens(web, scope="openid read")
    with budget(5, exactly=4):
        response = post_form(Browser(), "/revoke", {"token": tokens[kind]}, HTTP_AUTHORIZATION=web.basic)
    assert response.status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401
