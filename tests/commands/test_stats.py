from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from oauth_provider.keys import rotation
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event
from tests.flow import machine_token

pytestmark = pytest.mark.django_db


def stats(*arguments: str) -> str:
    out = StringIO()
    call_command("oauth_stats", *arguments, stdout=out)
    return out.getvalue()


def test_numbers_stand_in_tables(machine_client):
    rotation.ensure()
    for _ in range(2):
        assert machine_token(machine_client).status_code == 200
    assert machine_token(machine_client, scope="nonsense").status_code == 400
    printed = stats("--period", "24h")
    assert "2 tokens issued, 1 requests refused" in printed
    assert f"  2  Nightly report  {machine_client.client_id}" in printed
    assert "  2  client_credentials" in printed
    assert "  1  Token refused  invalid_scope" in printed
    assert "Without an active owner: 1" in printed
    assert "ES256" in printed


def test_an_empty_site_is_told_as_such(db):
    assert stats().count("  none") == 7


def test_json_is_one_object_with_the_same_numbers(machine_client):
    machine_token(machine_client)
    numbers = json.loads(stats("--json", "--period", "30d"))
    assert (numbers["period"], numbers["issued"], numbers["refused"]) == ("30d", 1, 0)
    assert numbers["issued_by_client"]["top"][0]["name"] == "Nightly report"


def test_numbers_are_counted_now_not_taken_from_the_cache(machine_client):
    machine_token(machine_client)
    assert "1 tokens issued" in stats()
    machine_token(machine_client)
    assert "2 tokens issued" in stats()


def test_what_a_stranger_sent_as_a_client_id_does_not_steer_the_terminal(db):
    AuditEvent.objects.record(Event.CLIENT_AUTHENTICATION_FAILED, client_id="\x1b[2Jgone\u202e")
    printed = stats()
    assert "?[2Jgone?" in printed
    assert "\x1b" not in printed


def test_another_period_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        stats("--period", "1y")
