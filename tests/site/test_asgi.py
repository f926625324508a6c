"""The provider under an ASGI server: what asks the database from inside the event loop there."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.test import AsyncClient

from oauth_provider.clients import cors
from oauth_provider.models import ClientOrigin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_thread_left():
    yield
    # Its connection is the thread's own, and the next test has another database.
    cors._beside_the_loop().submit(connections.close_all).result()


def preflight(path, origin):
    async def ask():
        return await AsyncClient().options(path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})

    return async_to_sync(ask)().headers.get("Access-Control-Allow-Origin")


def test_cors_is_answered_for_registered_origins_and_no_others(public_client):
    ClientOrigin.objects.replace(public_client.row, ["https://pub.example"])
    assert preflight("/token", "https://pub.example") == "https://pub.example"
    assert preflight("/token", "https://other.example") is None
    assert preflight("/authorize", "https://pub.example") is None
    assert preflight("/jwks", "https://other.example") == "https://other.example"


def test_call_from_no_page_is_answered():
    async def ask():
        return await AsyncClient().post("/token", {"grant_type": "refresh_token"})

    assert async_to_sync(ask)().status_code in {400, 401}
