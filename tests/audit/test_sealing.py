from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from oauth_provider.audit import seal
from oauth_provider.models import AuditEvent, AuditSeal
from oauth_provider.values import Event
from tests.audit.conftest import Said, record, verified

pytestmark = pytest.mark.django_db


def test_seals_hold_at_most_1000_events_and_follow_each_other():
    AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED) for _ in range(2001)])
    said = Said("--seal")
    assert said.text.startswith("sealed now: 3 seals with 2,001 events\n")
    seals = list(AuditSeal.objects.order_by("number"))
    assert [(row.number, row.count) for row in seals] == [(1, 1000), (2, 1000), (3, 1)]
    assert seals[0].previous == "0" * 64
    assert [row.previous for row in seals[1:]] == [row.root for row in seals[:2]]
    assert AuditEvent.objects.filter(batch=2).count() == 1000
    assert said.last == f"3:{seals[2].root}"


def test_nothing_waits_and_nothing_is_sealed():
    assert Said("--seal").code == 0
    assert AuditSeal.objects.count() == 0
    assert "verified: 0 seals with 0 events, as they were sealed" in Said().text


def test_without_seal_nothing_is_written(small_seals):
    record(3)
    with CaptureQueriesContext(connection) as asked:
        assert Said().code == 0
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}
    assert AuditEvent.objects.waiting().count() == 3


def test_every_transaction_begins_with_the_write(small_seals):
    record(6)
    with CaptureQueriesContext(connection) as asked:
        list(seal.seal_waiting())
    statements = [query["sql"].split()[0] for query in asked]
    begun = [number for number, word in enumerate(statements) if word == "SAVEPOINT"]
    assert len(begun) == 2
    assert [statements[number + 1] for number in begun] == ["UPDATE", "UPDATE"]
    # newest waiting · for each seal: ids · last seal · UPDATE · events · INSERT · and once more: no ids
    assert len([word for word in statements if word not in {"SAVEPOINT", "RELEASE"}]) == 12


def test_event_that_commits_late_with_a_smaller_id_is_in_a_later_seal(small_seals):
    late = record(1)
    columns = AuditEvent.objects.filter(pk=late.pk).values().get()
    AuditEvent.objects.filter(pk=late.pk).delete()
    record(2)
    Said("--seal")
    AuditEvent.objects.create(**columns)
    assert verified("--seal").kinds == []
    assert AuditEvent.objects.get(pk=late.pk).batch == 2
    assert AuditSeal.objects.get(number=2).first_event < AuditSeal.objects.get(number=1).first_event


def test_each_seal_is_a_line_in_the_log(small_seals, caplog):
    record(5)
    with caplog.at_level(logging.INFO, logger="oauth_provider.audit"):
        Said("--seal")
    assert [line.getMessage() for line in caplog.records if line.name == "oauth_provider.audit"] == [
        f"Sealed audit events: seal {row.number}, {row.count} events, root {row.root}"
        for row in AuditSeal.objects.order_by("number")
    ]


def test_waiting_events_and_the_oldest_of_them_are_told(sealed):
    first = record(1)
    record(1)
    text = Said().text
    assert f"waiting for a seal: 2 events, the oldest since {first.at.isoformat(timespec='microseconds')}" in text
    assert verified().report["oldest_waiting"] == first.at.isoformat(timespec="microseconds")
    assert verified("--seal").report["waiting"] == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a trigger of SQLite")
def test_database_that_lets_nobody_number_events_is_an_error_and_no_endless_loop(small_seals):
    record(2)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER frozen BEFORE UPDATE ON oauth_provider_auditevent BEGIN SELECT RAISE(IGNORE); END"
        )
    said = Said("--seal")
    assert said.code == 1
    assert AuditSeal.objects.count() == 0


class TestKeys:
    SECRET = "only-for-tests-" + "k" * 50
    OWN = "an-audit-key-of-forty-signs-at-the-least"

    def with_settings(self, **provider):
        from django.conf import settings

        return override_settings(OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, **provider})

    def test_SECRET_KEY_replaced_without_its_fallback_is_a_finding_about_the_signatures(self, sealed):
        with override_settings(SECRET_KEY="n" * 50):
            found = verified()
        assert found.kinds == ["signature_unknown"]
        assert found.findings[0]["seals"] == [1, 3]
        assert "SECRET_KEY_FALLBACKS" in found.findings[0]["fix"]

    def test_SECRET_KEY_rotated_with_its_fallback_is_fine(self, sealed):
        with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[self.SECRET]):
            record(3)
            assert verified("--seal").kinds == []

    def test_AUDIT_KEY_changed_is_a_finding_about_the_signatures(self, small_seals):
        record(5)
        with self.with_settings(AUDIT_KEY=self.OWN):
            assert verified("--seal").kinds == []
        with self.with_settings(AUDIT_KEY="another" + self.OWN):
            assert verified().kinds == ["signature_unknown"]
        assert verified().kinds == ["signature_unknown"]

    def test_AUDIT_KEY_changed_with_its_fallback_is_fine(self, small_seals):
        record(5)
        with self.with_settings(AUDIT_KEY=self.OWN):
            Said("--seal")
        record(5)
        with self.with_settings(AUDIT_KEY="another" + self.OWN, AUDIT_KEY_FALLBACKS=[self.OWN]):
            assert verified("--seal").kinds == []

    def test_AUDIT_KEY_does_not_depend_on_SECRET_KEY(self, small_seals):
        record(5)
        with self.with_settings(AUDIT_KEY=self.OWN):
            Said("--seal")
            with override_settings(SECRET_KEY="n" * 50):
                assert verified().kinds == []

    def test_seals_from_before_AUDIT_KEY_are_fine_and_counted(self, sealed):
        record(3)
        with self.with_settings(AUDIT_KEY=self.OWN):
            assert verified("--seal").kinds == []
            assert "signed with SECRET_KEY, before AUDIT_KEY was set: 3 seals" in Said().text

    def test_seal_signed_with_SECRET_KEY_after_one_with_AUDIT_KEY_is_a_finding(self, small_seals):
        """Whoever has the SECRET_KEY of a web worker does not have AUDIT_KEY."""
        record(3)
        with self.with_settings(AUDIT_KEY=self.OWN):
            Said("--seal")
        record(3)
        Said("--seal")
        with self.with_settings(AUDIT_KEY=self.OWN):
            found = verified()
        assert found.kinds == ["signature_unknown"]
        assert "Seal 2: it is signed with SECRET_KEY, those before with AUDIT_KEY." in found.text
