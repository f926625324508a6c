"""`scope_required` and `ScopeRequiredMixin`: plain Django views, sync and async."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient, Client

from oauth_provider.testing import as_app

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.urls("tests.resource_server.api")]


def test_no_token_gets_401_with_a_challenge_that_names_the_scope(client: Any) -> None:
    response = client.get("/plain")
    assert response.status_code == 401
    assert response.json() == {"detail": "This needs an access token.", "code": "not_authenticated"}
    # RFC 9449 §7.2: what a request without a token may come back with, Bearer first.
    bearer, _, dpop = response.headers["WWW-Authenticate"].partition(", DPoP ")
    assert bearer == 'Bearer realm="api", scope="read"'
    assert dpop.startswith('realm="api", algs="ES256 ')


def test_token_without_the_scope_gets_403_as_in_the_framework(make: Any) -> None:
    response = make(scopes="write").get("/plain")
    assert response.status_code == 403
    assert response.json() == make(scopes="write").get("/notes").json()
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_scope", scope="read"'


def test_session_user_is_not_let_in(client: Any, boss: Any) -> None:
    client.force_login(boss)
    assert client.get("/plain").status_code == 401


def test_request_user_is_left_alone(make: Any, client: Any, boss: Any) -> None:
    assert make().get("/plain").json()["request_user"] == "AnonymousUser"
    client.force_login(boss)
    body = make().get("/plain").json()
    assert (body["person"], body["request_user"]) == ("ada", "boss")


def test_post_with_a_token_needs_no_csrf_cookie(ada: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert as_app(strict, user=ada, scopes="write").post("/class").status_code == 200
    assert as_app(strict, user=ada, scopes="read").post("/plain").status_code == 200


def test_site_that_requires_login_everywhere_still_answers_401(client: Any, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert client.get("/plain").status_code == 401
    assert client.get("/class").status_code == 401


def test_class_based_view_asks_by_method(make: Any) -> None:
    assert make(scopes="read").get("/class").status_code == 200
    assert make(scopes="read").head("/class").status_code == 200
    assert make(scopes="read").post("/class").status_code == 403
    assert make(scopes="write").post("/class").status_code == 200
    assert make(scopes="write").get("/class").status_code == 403
    assert make(scopes="read write").delete("/class").status_code == 403
    assert make(scopes="write").options("/class").status_code == 200


@pytest.mark.django_db(transaction=True)
async def _call(address: str, app: Any) -> Any:
    return await AsyncClient().get(address, headers={"Authorization": f"Bearer {app.token}"} if app else {})


@pytest.mark.django_db(transaction=True)
def test_async_views_behave_alike(make: Any) -> None:
    from asgiref.sync import async_to_sync

    call = async_to_sync(_call)
    enough, little = make(scopes="read write"), make(scopes="write")
    for address in ("/plain-async", "/class-async"):
        assert call(address, None).status_code == 401
        assert call(address, little).status_code == 403
        response = call(address, enough)
        assert response.status_code == 200
        assert response.json()["person"] == "ada"
        assert response.headers["Cache-Control"] == "private, no-store"
