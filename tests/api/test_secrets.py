from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.models import AuditEvent, ClientSecret
from tests.api.conftest import problem
from tests.flow import Registered, machine_token


def test_added_secret_works_beside_the_old_one_until_that_is_revoked(machine, machine_client):
    api = machine()
    secrets = f"clients/{machine_client.client_id}/secrets"
    response = api.post(secrets, {"expires_at": (timezone.now() + timedelta(days=90)).isoformat()})
    assert response.status_code == 201, response.content
    added = response.json()
    new = Registered(machine_client.row, added["client_secret"])
    assert machine_token(new).status_code == machine_token(machine_client).status_code == 200

    listed = api.get(secrets).json()["results"]
    assert [row["state"] for row in listed] == ["live", "live"]
    assert listed[0] == {name: value for name, value in added.items() if name != "client_secret"}
    assert listed[0]["hint"] == added["client_secret"][-4:]

    old = listed[1]["id"]
    answer = api.post(f"{secrets}/{old}/revoke")
    assert answer.json()["state"] == "revoked"
    assert machine_token(machine_client).status_code == 401
    assert machine_token(new).status_code == 200
    events = AuditEvent.objects.filter(event__in=["secret_added", "secret_revoked"]).order_by("pk")
    assert [event.actor for event in events] == [f"client:{api.row.client_id}"] * 2


def test_last_secret_ends_only_for_who_says_so(machine, machine_client):
    api = machine()
    row = ClientSecret.objects.get(client=machine_client.row)
    address = f"clients/{machine_client.client_id}/secrets/{row.pk}/revoke"
    problem(api.post(address), 409, "last_secret")
    assert machine_token(machine_client).status_code == 200
    assert api.post(address, {"even_if_last": True}).status_code == 200
    assert machine_token(machine_client).status_code == 401
    events = AuditEvent.objects.filter(event="secret_revoked").count()
    assert api.post(address).status_code == 200
    assert AuditEvent.objects.filter(event="secret_revoked").count() == events == 1


def test_secret_of_another_client_is_not_there(machine, machine_client, web):
    row = ClientSecret.objects.get(client=web)
    problem(machine().post(f"clients/{machine_client.client_id}/secrets/{row.pk}/revoke"), 404)
    row.refresh_from_db()
    assert row.revoked_at is None


def test_public_client_gets_no_secret(machine, public_client):
    problem(machine().post(f"clients/{public_client.client_id}/secrets", {}), 409, "public_client")


@pytest.mark.parametrize(
    "value",
    [
        "2001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026", "", 1, True, [], {},
        "2199-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_expiry_is_a_time_ahead(machine, web, value):
    body = problem(machine().post(f"clients/{web.client_id}/secrets", {"expires_at": value}), 400)
    assert body["errors"].keys() == {"expires_at"}
