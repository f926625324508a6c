"""Async views: one hop into a thread where somebody has to be asked, none where nobody has."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import JsonResponse
from django.test import AsyncRequestFactory
from django.urls import resolve

from oauth_provider.keys import store
from oauth_provider.middleware import AccessMiddleware
from oauth_provider.testing import as_app
from tests.conditions.hops import counted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.conditions.api")]
ASYNC_DOORS = ["decorator-async", "mixin-async", "ninja-async", "middleware"]
DOORS = pytest.mark.parametrize("door", ASYNC_DOORS)


async def ask_for_access(request: Any) -> JsonResponse:
    access = await request.aaccess()
    assert access is await request.aaccess()
    return JsonResponse({}, status=401 if access is None else 200)


def call(door: str, token: str) -> tuple[int, int]:
    """Status and hops of the view alone, without what Django's handler does around it."""

    async def go() -> tuple[int, int]:
        address = f"/{door}/scope"
        request = AsyncRequestFactory().get(address, headers={"Authorization": f"Bearer {token}"} if token else {})
        if door == "middleware":
            view: Any = AccessMiddleware(ask_for_access)
            match = None
        else:
            match = resolve(address)
            view = match.func
        request.resolver_match = match
        with counted() as hops:
            response = await view(request)
        return response.status_code, hops[0]

    return async_to_sync(go)()


@pytest.fixture
def _believed(settings: Any, client: Any, ada: Any) -> None:
    """JWTs are believed until they expire, and the keys are in memory."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never", "PROCESS_CACHE_SECONDS": 60}
    as_app(client, user=ada, scopes="read")
    store.forget()
    store.usable_keys()


def opaque(person: Any, client: Any, ada: Any) -> Any:
    app = person().app
    app.token_format = "opaque"
    app.save()
    return as_app(client, user=ada, scopes="read", app=app)


@DOORS
def test_jwt_whose_state_is_looked_at_makes_one_hop(person: Any, door: str) -> None:
    assert call(door, person().token) == (200, 1)


@DOORS
def test_opaque_token_makes_one_hop(person: Any, client: Any, ada: Any, door: str) -> None:
    assert call(door, opaque(person, client, ada).token) == (200, 1)


@DOORS
def test_refusal_makes_the_same_one_hop(person: Any, door: str) -> None:
    assert call(door, person("write").token) == (200 if door == "middleware" else 403, 1)


@DOORS
@pytest.mark.usefixtures("_believed")
def test_jwt_that_is_believed_makes_none(person: Any, door: str) -> None:
    assert call(door, person().token) == (200, 0)
    assert call(door, person("write").token) == (200 if door == "middleware" else 403, 0)


@DOORS
@pytest.mark.usefixtures("_believed")
def test_jwt_that_is_believed_makes_one_hop_where_the_keys_have_to_be_read(person: Any, door: str) -> None:
    token = person().token
    store.forget()
    assert call(door, token) == (200, 1)
    assert call(door, token) == (200, 0)


@DOORS
@pytest.mark.usefixtures("_believed")
def test_keys_that_end_in_a_moment_are_not_at_hand(person: Any, door: str, settings: Any) -> None:
    token = person().token
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 0}
    assert call(door, token) == (200, 1)


@DOORS
@pytest.mark.usefixtures("_believed")
def test_opaque_token_makes_one_hop_all_the_same(person: Any, client: Any, ada: Any, door: str) -> None:
    assert call(door, opaque(person, client, ada).token) == (200, 1)


@DOORS
@pytest.mark.parametrize("token", ["", "two tokens", "ä"])
def test_no_token_and_none_that_can_be_one_make_none(door: str, token: str) -> None:
    status, hops = call(door, token)
    assert (status in {400, 401}, hops) == (True, 0)
