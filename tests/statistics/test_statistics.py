"""Statistics: what was done over HTTP is what is counted; what is neglected is found."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.conf import conf
from oauth_provider.insight import neglected, statistics
from oauth_provider.insight.statistics import OfGrantType, Reason
from oauth_provider.keys import rotation
from oauth_provider.models import AuditEvent, ClientOwner, SigningKey
from oauth_provider.values import Event
from tests.flow import machine_token, post_form, refresh

pytestmark = pytest.mark.django_db

STATEMENTS = 9


def wrong_secret(client_id: str):
    return post_form(
        Browser(), "/token", {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "wrong"}
    )


def test_tokens_are_counted_by_client_and_by_grant_type(flow, conf_client, machine_client):
    tokens = flow.tokens(conf_client)
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200
    for _ in range(3):
        assert machine_token(machine_client).status_code == 200
    numbers = statistics.count("24h")
    assert numbers.issued == 5
    top = [(client.name, client.client_id, client.pk, client.number) for client in numbers.issued_by_client.top]
    machine, web = machine_client.row, conf_client.row
    assert top == [(machine.name, machine.client_id, machine.pk, 3), (web.name, web.client_id, web.pk, 2)]
    assert numbers.issued_by_client.others == 0
    assert set(numbers.issued_by_grant_type) == {
        OfGrantType("client_credentials", 3),
        OfGrantType("authorization_code", 1),
        OfGrantType("refresh_token", 1),
    }
    assert numbers.issued_by_grant_type[0].number == 3


def test_refusals_are_counted_by_reason_and_by_client(flow, conf_client, machine_client):
    for _ in range(2):
        assert wrong_secret(machine_client.client_id).status_code == 401
    assert wrong_secret("stranger").status_code == 401
    assert machine_token(machine_client, scope="nonsense").status_code == 400
    assert "access_denied" in flow.location(conf_client, "deny")
    numbers = statistics.count("24h")
    assert numbers.refused == 4
    assert numbers.refused_by_reason == (
        Reason("client_authentication_failed", "invalid_client", 3),
        Reason("token_refused", "invalid_scope", 1),
    )
    found = [(client.client_id, client.pk, client.number) for client in numbers.refused_by_client.top]
    assert found == [(machine_client.client_id, machine_client.row.pk, 3), ("stranger", None, 1)]


def test_reuse_of_a_refresh_token_is_a_reason(flow, conf_client):
    conf_client.row.change(refresh_token_leeway=0)
    token = flow.tokens(conf_client)["refresh_token"]
    assert refresh(conf_client, token).status_code == 200
    assert refresh(conf_client, token).status_code == 400
    assert Reason("reuse_detected", "invalid_grant", 1) in statistics.count("24h").refused_by_reason


def test_only_the_period_counts(machine_client):
    for days in (0.5, 3, 20, 40):
        machine_token(machine_client)
        newest = AuditEvent.objects.filter(event=Event.TOKEN_ISSUED).latest("pk")
        AuditEvent.objects.filter(pk=newest.pk).update(at=timezone.now() - timedelta(days=days))
    assert [statistics.count(period).issued for period in ("24h", "7d", "30d")] == [1, 2, 3]


def test_the_eleventh_client_is_among_the_others(make):
    clients = [make(f"App{number}") for number in range(12)]
    for number, client in enumerate(clients, start=1):
        for _ in range(number):
            AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client, detail={"grant_type": "refresh_token"})
    by_client = statistics.count("24h").issued_by_client
    assert [client.number for client in by_client.top] == list(range(12, 2, -1))
    assert by_client.others == 1 + 2


def test_invented_client_ids_fill_no_answer(db):
    for number in range(30):
        AuditEvent.objects.record(Event.CLIENT_AUTHENTICATION_FAILED, client_id=f"invented{number}")
    numbers = statistics.count("24h")
    assert (len(numbers.refused_by_client.top), numbers.refused_by_client.others) == (10, 20)
    assert len(numbers.refused_by_reason) == 1


def test_statements_do_not_grow_with_what_is_counted(make, django_assert_num_queries):
    with django_assert_num_queries(STATEMENTS - 1):  # no client to look up the name of
        statistics.count("7d")
    for number in range(15):
        client = make(f"App{number}")
        AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client, detail={"grant_type": "refresh_token"})
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client=client, detail={"error": "invalid_grant"})
    with django_assert_num_queries(STATEMENTS):
        statistics.count("7d")


def test_events_are_found_by_their_time_and_no_older_one_is_read(db):
    with CaptureQueriesContext(connection) as captured:
        statistics.count("24h")
    of_events = [query["sql"] for query in captured if f'FROM "{AuditEvent._meta.db_table}"' in query["sql"]]
    assert len(of_events) == 3
    is_postgresql = connection.vendor == "postgresql"
    explain, by_time = ("EXPLAIN", r"Index Cond: .*\bat > ") if is_postgresql else ("EXPLAIN QUERY PLAN", r"\bat>\?")
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of no rows is read whole otherwise
        for sql in of_events:
            cursor.execute(f"{explain} {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert re.search(by_time, plan), plan


def test_recent_numbers_are_kept_for_a_minute_each_period_by_itself(machine_client, django_assert_num_queries):
    machine_token(machine_client)
    first = statistics.recent("24h")
    machine_token(machine_client)
    with django_assert_num_queries(0):
        assert statistics.recent("24h") == first
    assert statistics.recent("7d").issued == 2
    cache.clear()
    assert statistics.recent("24h").issued == 2


class Down(BaseCache):
    """A cache whose server is gone."""

    def __init__(self, server, params):
        super().__init__(params)

    def get(self, *args, **kwargs):
        raise ConnectionError("redis://:hush@cache.example")

    set = get


def test_without_the_cache_numbers_are_counted_and_the_operator_is_told_no_password(machine_client, settings, caplog):
    machine_token(machine_client)
    settings.CACHES = {"default": {"BACKEND": "tests.statistics.test_statistics.Down"}}
    assert statistics.recent("24h").issued == 1
    assert "ConnectionError" in caplog.text
    assert "hush" not in caplog.text


def test_unused_are_clients_without_use_for_long_and_those_never_used(make):
    make("Busy", last_used_days=1)
    make("New", created_days=10)
    make("Archived", status="archived")
    never, long_ago = make("Never"), make("Long", last_used_days=200)
    longer_ago = make("Longer", last_used_days=91, created_days=800)
    found = neglected.unused()
    assert [client.pk for client in found.shown] == [never.pk, long_ago.pk, longer_ago.pk]
    assert found.number == 3


def test_nothing_is_unused_where_no_use_is_noted(make, settings):
    make("Never")
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 0}
    assert neglected.unused() == neglected.Neglected(0, ())


def test_more_are_counted_than_shown(make):
    for number in range(12):
        make(f"App{number}")
    assert (neglected.unused().number, len(neglected.unused().shown)) == (12, 10)
    assert (neglected.without_owner().number, len(neglected.without_owner().shown)) == (12, 10)


def test_an_owner_is_an_active_user_or_a_group_with_an_active_member(make, django_user_model):
    people = {name: django_user_model.objects.create_user(name) for name in ("here", "gone", "member", "left")}
    for name in ("gone", "left"):
        django_user_model.objects.filter(username=name).update(is_active=False)
    staffed, deserted, empty = (Group.objects.create(name=name) for name in ("staffed", "deserted", "empty"))
    people["member"].groups.add(staffed)
    people["left"].groups.add(staffed, deserted)
    owners = {
        "ByUser": {"user": people["here"]},
        "ByGroup": {"group": staffed},
        "UserGone": {"user": people["gone"]},
        "GroupDeserted": {"group": deserted},
        "GroupEmpty": {"group": empty},
    }
    clients = {name: make(name) for name in (*owners, "NoOwner")}
    for name, owner in owners.items():
        ClientOwner.objects.create(client=clients[name], **owner)
    make("Archived", status="archived")
    make("Unconfirmed", unconfirmed_until=timezone.now() + timedelta(days=1))
    lonely = {"UserGone", "GroupDeserted", "GroupEmpty", "NoOwner"}
    assert {client.name for client in neglected.without_owner().shown} == lonely
    assert {name for name, client in clients.items() if not neglected.has_owner(client)} == lonely


def test_keys_tell_how_long_they_sign_and_when_the_next_is_due(db):
    rotation.ensure()
    rotation.rotate()
    rotated = timedelta(seconds=conf.KEY_ROTATION_LIFETIME)
    SigningKey.objects.filter(alg="ES256", state="active").update(activated_at=timezone.now() - 2 * rotated)
    ages = {key.alg: key for key in neglected.key_ages()}
    assert set(ages) == {"ES256", "RS256", "PS256", "EdDSA"}
    assert ages["ES256"].is_overdue(at=timezone.now())
    assert not ages["RS256"].is_overdue(at=timezone.now())
    assert ages["RS256"].next_published_at is not None


def test_the_same_numbers_stand_in_json(machine_client):
    machine_token(machine_client)
    wrong_secret(machine_client.client_id)
    numbers = json.loads(json.dumps(statistics.as_json(statistics.count("24h"))))
    assert (numbers["period"], numbers["issued"], numbers["refused"]) == ("24h", 1, 1)
    assert numbers["issued_by_grant_type"] == [{"grant_type": "client_credentials", "number": 1}]
    assert numbers["issued_by_client"]["top"][0]["client_id"] == machine_client.client_id
    assert numbers["without_owner"]["number"] == 1
