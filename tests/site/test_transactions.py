"""A site with ATOMIC_REQUESTS: our endpoints keep their own transactions, and a refusal keeps what it ended."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test import Client as Browser
from django.urls import resolve

from tests.flow import post_form, refresh, userinfo

WRITING = [
    "/authorize",
    "/authorize/decision",
    "/token",
    "/revoke",
    "/introspect",
    "/userinfo",
    "/device_authorization",
    "/device",
]


@pytest.fixture
def atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@pytest.mark.parametrize("path", WRITING)
def test_django_wraps_no_transaction_around_what_writes(path):
    view = resolve(path).func
    assert "default" in getattr(view, "_non_atomic_requests", set())


@pytest.mark.django_db(transaction=True)
def test_c32_replayed_refresh_token_still_ends_the_family(atomic_requests, flow, conf_client):
    first = flow.tokens(conf_client, scope="openid read")
    second = refresh(conf_client, first["refresh_token"]).json()
    third = refresh(conf_client, second["refresh_token"]).json()
    replay = refresh(conf_client, first["refresh_token"])
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert refresh(conf_client, third["refresh_token"]).status_code == 400
    assert userinfo(third["access_token"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_replayed_code_still_ends_its_tokens(atomic_requests, flow, conf_client):
    code = flow.code(conf_client, scope="openid read")
    tokens = flow.redeem(conf_client, code).json()
    assert userinfo(tokens["access_token"]).status_code == 200
    replay = flow.redeem(conf_client, code)
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_pages_and_revocation_work(atomic_requests, flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    sent = {
        "token": tokens["refresh_token"],
        "client_id": conf_client.client_id,
        "client_secret": conf_client.secret,
    }
    assert post_form(Browser(), "/revoke", sent).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401
    assert flow.browser.get("/device").status_code == 200
