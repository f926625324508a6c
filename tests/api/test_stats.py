from __future__ import annotations

from oauth_provider.insight import statistics
from tests.flow import machine_token


def test_numbers_are_those_of_the_dashboard(machine, machine_client):
    api = machine()
    machine_token(machine_client)
    machine_token(machine_client, scope="no-such")
    told = api.get("stats?period=24h").json()
    assert (told["period"], told["issued"], told["refused"]) == ("24h", 2, 1)
    assert told["issued_by_grant_type"] == [{"grant_type": "client_credentials", "number": 2}]
    assert told["refused_by_reason"] == [{"event": "token_refused", "error": "invalid_scope", "number": 1}]
    assert {"client_id": machine_client.client_id, "name": "Nightly report", "number": 1} in told["issued_by_client"][
        "top"
    ]
    assert told["without_owner"]["number"] == 2
    assert told.keys() == statistics.as_json(statistics.recent("24h")).keys()


def test_period_is_a_week_unless_another_is_named(machine):
    assert machine().get("stats").json()["period"] == "7d"
