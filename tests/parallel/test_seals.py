"""Two sealers at once, and an event that is committed while a seal is made: nothing is sealed twice, nothing left."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from oauth_provider.audit import seal, verify
from oauth_provider.models import AuditEvent, AuditSeal
from oauth_provider.values import Event
from tests.parallel.rig import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def record(count):
    AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(count)])


def sealed_alone():
    return list(seal.seal_waiting())


def test_four_sealers_at_once_seal_each_event_once(database, monkeypatch):
    monkeypatch.setattr(seal, "MOST_EVENTS", 20)
    record(390)
    made = [row for rows in at_once([sealed_alone] * 4) for row in rows]
    assert sorted(row.number for row in made) == list(range(1, 21))
    assert sum(row.count for row in made) == 390
    report = verify.verify()
    assert report.is_intact
    assert (report.seals, report.events, report.waiting) == (20, 390, 0)


def test_sealers_and_writers_at_once(database, monkeypatch):
    monkeypatch.setattr(seal, "MOST_EVENTS", 7)

    def write():
        for _ in range(20):
            AuditEvent.objects.record(Event.TOKEN_ISSUED)

    at_once([write, sealed_alone, write, sealed_alone, sealed_alone])
    sealed_alone()
    report = verify.verify()
    assert report.is_intact
    assert (report.events, report.waiting) == (40, 0)
    assert AuditSeal.objects.count() == report.seals


@pytest.mark.postgres
def test_event_committed_after_a_later_one_was_sealed(postgres):
    """Its id is smaller than those of the seal that was made meanwhile."""
    written, sealed = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            row = AuditEvent.objects.record(Event.TOKEN_ISSUED)
            written.set()
            assert sealed.wait(timeout=30)
        connection.close()
        return row.pk

    def other():
        assert written.wait(timeout=30)
        row = AuditEvent.objects.record(Event.TOKEN_ISSUED)
        made = sealed_alone()
        sealed.set()
        connections.close_all()
        return row.pk, [(one.first_event, one.last_event) for one in made]

    smaller, (larger, made) = at_once([late, other])
    assert smaller < larger
    assert made == [(larger, larger)]
    assert verify.verify().waiting == 1
    assert [(row.number, row.first_event) for row in sealed_alone()] == [(2, smaller)]
    assert verify.verify().is_intact


def test_verifying_while_seals_are_made_raises_no_alarm(database, monkeypatch):
    monkeypatch.setattr(seal, "MOST_EVENTS", 3)
    record(200)
    reports = at_once([sealed_alone, sealed_alone, *[lambda: [verify.verify() for _ in range(8)]] * 2])[2:]
    assert [report.findings for each in reports for report in each] == [[]] * 16
    assert verify.verify().waiting == 0
