"""Bounded counts: one statement for a page of clients, and no row read beyond the bound."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.insight import counted
from oauth_provider.insight.counted import Counted
from oauth_provider.models import AuditEvent, Client, Grant
from oauth_provider.models.count_up_to import CountUpTo
from oauth_provider.testing.factories import GrantFactory, UserFactory
from oauth_provider.values import Event

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_live_grants_of_many_clients_are_one_statement(make, django_assert_num_queries):
    shop, board, idle = make("Shop"), make("Board"), make("Idle")
    for _ in range(3):
        GrantFactory(client=shop, user=UserFactory())
    GrantFactory(client=board, user=UserFactory())
    GrantFactory(client=board, user=UserFactory(), revoked_at=timezone.now())
    GrantFactory(client=board, user=UserFactory(), expires_at=timezone.now() - DAY)
    with django_assert_num_queries(1):
        found = counted.live_grants([shop.pk, board.pk, idle.pk])
    assert found == {shop.pk: Counted(3), board.pk: Counted(1), idle.pk: Counted(0)}


def test_failures_are_those_of_the_client_within_the_time(make, django_assert_num_queries):
    shop, board = make("Shop"), make("Board")
    for event in (Event.TOKEN_REFUSED, Event.CLIENT_AUTHENTICATION_FAILED, Event.TOKEN_ISSUED):
        AuditEvent.objects.record(event, client=shop)
    old = AuditEvent.objects.record(Event.TOKEN_REFUSED, client=shop)
    AuditEvent.objects.filter(pk=old.pk).update(at=timezone.now() - 2 * DAY)
    AuditEvent.objects.record(Event.REUSE_DETECTED, client=board)
    with django_assert_num_queries(1):
        found = counted.failures([shop.pk, board.pk], since=timezone.now() - DAY)
    assert found == {shop.pk: Counted(2), board.pk: Counted(1)}
    assert counted.failures_of(shop, since=timezone.now() - DAY) == Counted(2)


def test_counting_stops_at_the_bound_and_says_so(web, monkeypatch):
    monkeypatch.setattr(counted, "MOST_OF_EACH", 3)
    for number in range(1, 6):
        GrantFactory(client=web, user=UserFactory())
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client=web)
        assert counted.live_grants([web.pk]) == {web.pk: Counted(min(number, 3), is_more=number > 3)}
        assert counted.failures_of(web, since=timezone.now() - DAY) == Counted(min(number, 3), is_more=number > 3)


def test_the_database_is_never_asked_for_more_rows_than_the_bound(web):
    for _ in range(5):
        GrantFactory(client=web, user=UserFactory())
    rows = Client.objects.annotate(n=CountUpTo(Grant.objects.filter(client_id=web.pk), most=2))
    assert rows.get(pk=web.pk).n == 3
    assert "LIMIT 3" in str(rows.query)


def test_live_tells_grants_and_different_people(web, monkeypatch, django_assert_num_queries):
    ada, bob = UserFactory(), UserFactory()
    for user in (ada, ada, bob):
        GrantFactory(client=web, user=user)
    with django_assert_num_queries(1):
        live = counted.live(web)
    assert (str(live.grants), str(live.people)) == ("3", "2")
    monkeypatch.setattr(counted, "MOST_OF_ONE", 2)
    live = counted.live(web)
    assert live.grants == Counted(2, is_more=True)
    assert live.people.is_more


def test_a_bounded_number_reads_as_more_than_it(settings):
    assert str(Counted(1000, is_more=True)) == "1,000+"
    assert str(Counted(1000)) == "1,000"
