"""`as_app` and the factories: what a site's own tests are written with."""

from __future__ import annotations

import unittest
from typing import Any

import pytest
from django.test import Client, TestCase, override_settings
from rest_framework.test import APIClient

from oauth_provider.testing import as_app
from oauth_provider.testing.factories import ClientFactory, ConsentFactory, GrantFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@pytest.mark.usefixtures("warm_keys")
def test_as_app_costs_at_most_three_statements(client: Any, ada: Any, django_assert_max_num_queries: Any) -> None:
    as_app(client, user=ada)
    with django_assert_max_num_queries(3):
        as_app(client, user=ada, scopes="read write")
    with django_assert_max_num_queries(3):
        as_app(client, scopes="read")


@pytest.mark.parametrize("kind", [Client, APIClient])
def test_as_app_takes_any_client_and_every_method(kind: Any, ada: Any) -> None:
    app = as_app(kind(), user=ada, scopes="read")
    for method in ("get", "post", "put", "head", "options"):
        assert getattr(app, method)("/notes").status_code == 200
    assert app.patch("/notes").status_code == 405
    assert app.delete("/notes").status_code == 405
    assert app.get("/notes", headers={"Accept": "application/json"}).status_code == 200
    assert app.get("/notes", {"page": 2}).status_code == 200


def test_as_app_refuses_a_scope_that_does_not_exist(client: Any, ada: Any) -> None:
    with pytest.raises(ValueError, match="raed"):
        as_app(client, user=ada, scopes="raed")


def test_as_app_without_a_user_is_a_machine(client: Any) -> None:
    app = as_app(client)
    assert app.app.profile == "machine"
    assert app.get("/notes").json()["is_machine"] is True


def test_as_app_uses_the_app_it_is_given(client: Any, ada: Any) -> None:
    registered = ClientFactory(name="Mine")
    assert as_app(client, user=ada, app=registered).app == registered


def test_factories_make_rows() -> None:
    user = UserFactory(password="secret")
    assert user.check_password("secret")
    assert not UserFactory().has_usable_password()
    registered = ClientFactory()
    assert registered.secret.startswith("op_cs_")
    assert ClientFactory(profile="machine").redirect_uris == ()
    grant = GrantFactory(user=user, client=registered)
    assert (grant.user, grant.scopes) == (user, ["read"])
    assert ConsentFactory().scopes == ["read"]


@override_settings(ROOT_URLCONF="tests.resource_server.api")
class InUnittest(TestCase):
    def test_as_app_works_in_unittest(self) -> None:
        user = UserFactory()
        assert isinstance(self, unittest.TestCase)
        assert self.client.get("/notes").status_code == 401
        assert as_app(self.client, user=user, scopes="write").get("/notes").status_code == 403
        assert as_app(self.client, user=user, scopes="read").get("/notes").status_code == 200
