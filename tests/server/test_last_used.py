"""When a client and its secret were last used, and from where: written after responses, never by one of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from oauth_provider.clients import usage
from oauth_provider.models import ClientSecret
from tests.flow import machine_token, post_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_noted():
    usage.flush()


def test_the_secret_tells_when_and_from_where_it_was_last_used(machine_client):
    answer = post_form(
        Browser(REMOTE_ADDR="203.0.113.7"),
        "/token",
        {"grant_type": "client_credentials"},
        HTTP_AUTHORIZATION=machine_client.basic,
    )
    assert answer.status_code == 200
    secret = ClientSecret.objects.get(client=machine_client.row)
    assert (secret.last_used_at, secret.last_used_address) == (None, "")
    with CaptureQueriesContext(connection) as written:
        usage.flush()
    assert len(written) == 2
    secret.refresh_from_db()
    machine_client.row.refresh_from_db()
    assert secret.last_used_at == machine_client.row.last_used_at is not None
    assert secret.last_used_address == "203.0.113.7"


def test_a_refused_secret_leaves_no_trace_of_use(machine_client):
    answer = post_form(
        Browser(),
        "/token",
        {"grant_type": "client_credentials", "client_id": machine_client.client_id, "client_secret": "wrong"},
    )
    assert answer.status_code == 401
    usage.flush()
    assert ClientSecret.objects.get(client=machine_client.row).last_used_at is None


def test_what_was_noted_is_written_after_a_response_once_it_is_old_enough(machine_client, settings, monkeypatch):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 3600}
    assert machine_token(machine_client).status_code == 200
    assert Browser().get("/jwks").status_code == 200
    assert ClientSecret.objects.get(client=machine_client.row).last_used_at is None
    monkeypatch.setattr(usage, "_waiting_since", usage._waiting_since - 3601)
    assert Browser().get("/jwks").status_code == 200
    assert ClientSecret.objects.get(client=machine_client.row).last_used_at is not None
