from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import status, usage
from oauth_provider.models import AuditEvent, Client, Grant
from tests.flow import Registered, machine_token, post_form, refresh, userinfo

pytestmark = pytest.mark.django_db


def suspend(*arguments):
    out = StringIO()
    call_command("oauth_suspend_client", *arguments, stdout=out)
    return out.getvalue()


def introspects(resource_server, token):
    answer = post_form(Browser(), "/introspect", {"token": token}, HTTP_AUTHORIZATION=resource_server.basic)
    assert answer.status_code == 200
    return answer.json()["active"]


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_suspended_is_refused_everywhere_at_once_and_works_again_afterwards(
    conf_client, resource_server, flow, token_format
):
    conf_client.row.change(token_format=token_format)
    tokens = flow.tokens(conf_client, scope="openid read")
    access_token = tokens["access_token"]
    assert userinfo(access_token).status_code == 200
    assert introspects(resource_server, access_token)

    assert "is suspended" in suspend(conf_client.client_id, "--reason", "key leaked")
    assert userinfo(access_token).status_code == 401
    assert not introspects(resource_server, access_token)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 401
    assert flow.authorize(conf_client).status_code == 400
    event = AuditEvent.objects.get(event="client_suspended")
    assert (event.actor, event.detail) == ("oauth_suspend_client", {"reason": "key leaked"})

    assert "works again" in suspend(conf_client.client_id, "--reactivate", "--reason", "replaced")
    assert userinfo(access_token).status_code == 200
    assert introspects(resource_server, access_token)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200
    assert AuditEvent.objects.get(event="client_reactivated").detail == {"reason": "replaced"}


def test_another_process_refuses_a_second_later_at_the_latest(machine_client, settings, monkeypatch):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 1}
    access_token = machine_token(machine_client).json()["access_token"]
    # As another process does it: this one is not told.
    Client.objects.filter(pk=machine_client.row.pk).update(status="suspended")
    started = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: started + 1)
    assert machine_token(machine_client).status_code == 401
    assert userinfo(access_token).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_process_that_suspends_refuses_at_once(machine_client, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 1}
    assert machine_token(machine_client).status_code == 200
    suspend(machine_client.client_id)
    assert machine_token(machine_client).status_code == 401


@pytest.fixture
def busy(settings, alice, bob):
    """A client with people, a device, a machine side and two resource servers of its own."""
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "RESOURCES": {"https://notes.example": "Notes", "https://mail.example": "Mail"},
    }
    row, secret = Client.objects.register(
        name="Busy", redirect_uris=["https://b.example/cb"], scopes=["read"], resources=["https://notes.example"]
    )
    row.change(profile="imported", grant_types=["authorization_code", "client_credentials"])
    client = Registered(row, secret)
    answer = machine_token(client, scope="read", resource="https://notes.example")
    assert answer.status_code == 200, answer.content
    usage.flush()
    ends = timezone.now() + timedelta(days=1)
    for user, grant_type in (
        (alice, "authorization_code"),
        (alice, ""),
        (bob, "urn:ietf:params:oauth:grant-type:device_code"),
    ):
        Grant.objects.create(client=row, user=user, subject="u_x", grant_type=grant_type, expires_at=ends)
    return client


def test_says_in_numbers_what_ends_and_who_accepts_until_when(busy):
    issued = AuditEvent.objects.get(event="token_issued").at
    said = suspend(busy.client_id).splitlines()
    assert said[0] == f"Busy ({busy.client_id}) is suspended"
    assert said[1] == "  3 grants of 2 people end, 1 of them on devices"
    assert re.fullmatch(r"  a machine was last here at \d{4}-\d\d-\d\d \d\d:\d\d UTC", said[2])
    until = f"{issued + timedelta(seconds=3600):%Y-%m-%d %H:%M} UTC"
    assert said[3:] == [f"  https://notes.example may go on accepting JWTs it verifies on its own until {until}"]


def test_json_has_the_same_numbers(busy):
    found = json.loads(suspend(busy.client_id, "--json"))
    assert found["status"] == "suspended"
    assert (found["grants"], found["people"], found["devices"]) == (3, 2, 1)
    assert found["machine_last_seen"] is not None
    assert [one["resource"] for one in found["self_verifying"]] == ["https://notes.example"]
    assert busy.secret not in json.dumps(found)


def test_dry_run_only_counts(busy):
    assert suspend(busy.client_id, "--dry-run").startswith(f"Busy ({busy.client_id}) would be suspended")
    assert json.loads(suspend(busy.client_id, "--dry-run", "--json"))["status"] == "active"
    assert not AuditEvent.objects.filter(event="client_suspended").exists()


def test_twice_is_said_and_writes_one_event(machine_client):
    suspend(machine_client.client_id)
    assert "was suspended already" in suspend(machine_client.client_id)
    assert AuditEvent.objects.filter(event="client_suspended").count() == 1


def test_what_cannot_be_suspended_or_reactivated_is_explained(machine_client):
    with pytest.raises(CommandError, match="no client with the client_id 'nobody'"):
        suspend("nobody")
    with pytest.raises(CommandError, match="is active, not suspended"):
        suspend(machine_client.client_id, "--reactivate")
    status.archive(machine_client.row)
    with pytest.raises(CommandError, match="in the archive"):
        suspend(machine_client.client_id)
    with pytest.raises(CommandError, match="is archived, not suspended"):
        suspend(machine_client.client_id, "--reactivate")
