"""AccessMiddleware: `request.access`, when asked for, and never `request.user`."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@pytest.fixture(autouse=True)
def _middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]


def test_request_access_is_none_without_a_token(client: Any) -> None:
    assert client.get("/middleware").json() == {"none": True, "user": "AnonymousUser"}


def test_request_access_is_there_with_a_token_and_the_user_stays_anonymous(make: Any) -> None:
    response = make().get("/middleware")
    assert response.json()["person"] == "ada"
    assert response.json()["user"] == "AnonymousUser"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


@pytest.mark.parametrize("query", ["", "?access_token=x"])
def test_request_access_is_none_for_a_bad_token(client: Any, query: str) -> None:
    assert client.get(f"/middleware{query}", headers={"Authorization": "Bearer x"}).json()["none"] is True


def test_request_access_is_none_for_another_resource(make: Any) -> None:
    assert make(resource="https://elsewhere.example").get("/middleware").json()["none"] is True


@pytest.mark.usefixtures("warm_keys")
def test_token_is_read_once_and_only_when_asked(make: Any, django_assert_num_queries: Any) -> None:
    app = make()
    app.get("/middleware")
    with django_assert_num_queries(1):
        app.get("/middleware")
    with django_assert_num_queries(0):
        response = app.get("/not-asking")
    assert "Authorization" not in response.headers.get("Vary", "")
    with django_assert_num_queries(1):
        app.get("/plain")
    with django_assert_num_queries(1):
        app.get("/notes")


def test_superusers_bearer_token_at_the_admin_is_anonymous(make: Any, boss: Any) -> None:
    response = make(user=boss, scopes="read").get("/admin/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.django_db(transaction=True)
def test_async_view_awaits_it(make: Any) -> None:
    app = make()

    async def call(**headers: str) -> Any:
        return await AsyncClient().get("/middleware-async", headers=headers)

    assert async_to_sync(call)().json() == {"none": True, "subject": None}
    assert async_to_sync(call)(Authorization=f"Bearer {app.token}").json()["none"] is False
