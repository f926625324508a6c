"""What somebody with write access to the tables can do, and what `oauth_verify_audit` says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from oauth_provider.audit import digests, verify
from oauth_provider.audit.signatures import Keys
from oauth_provider.models import AuditEvent, AuditSeal
from oauth_provider.values import Event, Source
from tests.audit.conftest import Said, record, verified

COLUMNS = [
    ("at", F("at") + timedelta(microseconds=1)),
    ("event", "token_refused"),
    ("client_id", "another"),
    ("user_id", "7"),
    ("actor", "nobody"),
    ("grant_id", "another"),
    ("address", "192.0.2.7"),
    ("user_agent", "another"),
    ("request_id", "another"),
    ("detail", {"scopes": ["read", "write"]}),
]


def rows(*ids):
    return AuditEvent.objects.filter(pk__in=ids)


def test_untouched_events_are_as_they_were_sealed(sealed):
    found = verified()
    assert found.kinds == []
    assert (found.report["seals"], found.report["events"], found.report["waiting"]) == (3, 10, 0)
    assert "verified: 3 seals with 10 events, as they were sealed" in found.text


def test_every_column_is_sealed():
    assert {field.name for field in AuditEvent._meta.concrete_fields} == set(digests.COLUMNS)
    assert {name for name, _value in COLUMNS} == set(digests.COLUMNS) - {"id", "batch"}


@pytest.mark.parametrize(("column", "value"), COLUMNS, ids=[name for name, _value in COLUMNS])
def test_changed_event_is_named(sealed, column, value):
    rows(sealed[5]).update(**{column: value})
    found = verified()
    assert found.kinds == ["event_changed"]
    assert found.findings[0]["seals"] == [2, 2]
    assert found.findings[0]["events"] == [sealed[5]]
    assert f"Seal 2: event {sealed[5]} is not as sealed." in found.text


def test_two_changed_events_in_two_seals_are_both_named_in_order(sealed):
    rows(sealed[9], sealed[0], sealed[1]).update(actor="nobody")
    found = verified()
    assert [(finding["seals"][0], finding["events"]) for finding in found.findings] == [
        (1, sealed[:2]),
        (3, sealed[9:]),
    ]


def test_deleted_event_is_missing_at_its_place(sealed):
    rows(sealed[6]).delete()
    found = verified()
    assert found.kinds == ["event_deleted"]
    assert f"Seal 2: 1 of its 4 events is missing: place 3, after event {sealed[5]}." in found.text


def test_deleted_events_at_the_beginning_and_at_the_end_of_a_seal(sealed):
    rows(sealed[4], sealed[5], sealed[7]).delete()
    assert f"3 of its 4 events are missing: places 1 to 2; place 4, after event {sealed[6]}." in verified().text


def test_all_events_of_a_seal_deleted(sealed):
    rows(*sealed[8:]).delete()
    assert "Seal 3: 2 of its 2 events are missing: places 1 to 2." in verified().text


def test_one_event_deleted_and_its_neighbour_changed(sealed):
    rows(sealed[5]).delete()
    rows(sealed[6]).update(actor="nobody")
    found = verified()
    assert found.kinds == ["event_changed", "event_deleted"]
    assert found.findings[0]["events"] == [sealed[6]]


def test_contents_of_two_events_swapped_is_found_as_reordered(sealed):
    swap(sealed[0], sealed[3])
    found = verified()
    assert found.kinds == ["events_reordered"]
    assert found.findings[0]["events"] == [sealed[0], sealed[3]]
    assert f"the contents of events {sealed[0]} and {sealed[3]} stand under each other's ids" in found.text


def swap(one, other):
    names = [name for name in digests.COLUMNS if name not in {"id", "batch"}]
    first, second = (rows(pk).values(*names).get() for pk in (one, other))
    rows(one).update(**second)
    rows(other).update(**first)


def test_contents_swapped_between_two_seals_are_found_as_changed(sealed):
    swap(sealed[1], sealed[9])
    found = verified()
    assert [(finding["kind"], finding["events"]) for finding in found.findings] == [
        ("event_changed", [sealed[1]]),
        ("event_changed", [sealed[9]]),
    ]


def test_event_inserted_into_a_sealed_range_is_named(sealed):
    inserted = AuditEvent.objects.create(event=Event.TOKEN_ISSUED, batch=1)
    found = verified()
    assert found.kinds == ["event_added"]
    assert found.findings[0]["seals"] == [1, 1]
    assert f"Seal 1: event {inserted.pk} came in after it was sealed." in found.text


def test_event_between_two_sealed_ones_is_named(db, small_seals):
    record(1)
    between = record(1)
    record(1)
    row = AuditEvent.objects.filter(pk=between.pk).values().get()
    rows(between.pk).delete()
    Said("--seal")
    AuditEvent.objects.create(**{**row, "batch": 1})
    found = verified()
    assert found.kinds == ["event_added"]
    assert found.findings[0]["events"] == [between.pk]


def test_event_moved_to_another_seal_is_missing_here_and_added_there(sealed):
    rows(sealed[2]).update(batch=2)
    found = verified()
    assert [(finding["kind"], finding["seals"][0]) for finding in found.findings] == [
        ("event_deleted", 1),
        ("event_added", 2),
    ]


def test_event_taken_out_of_its_seal_is_missing_even_after_it_was_sealed_again(sealed):
    rows(sealed[2]).update(batch=None)
    found = verified("--seal")
    assert found.kinds == ["event_deleted"]


def test_a_thousand_events_put_into_a_seal_are_counted(sealed):
    AuditEvent.objects.bulk_create([AuditEvent(event=Event.TOKEN_ISSUED, batch=2) for _ in range(1500)])
    found = verified()
    assert found.kinds == ["event_added"]
    assert "and 1,490 more came in after it was sealed" in found.text


@pytest.mark.parametrize("column", ["count", "first_event", "last_event", "leaves", "previous", "root", "sealed_at"])
def test_changed_seal_is_found(sealed, column):
    row = AuditSeal.objects.get(number=2)
    value = {
        "leaves": b"\x00" * 128,
        "previous": "1" * 64,
        "root": "1" * 64,
        "sealed_at": row.sealed_at + timedelta(seconds=1),
    }.get(column, 3)
    AuditSeal.objects.filter(number=2).update(**{column: value})
    found = verified()
    assert "seal_changed" in found.kinds
    assert all(finding["seals"] in ([2, 2], [3, 3]) for finding in found.findings)
    assert "Seal 2: its" in found.text


def test_seal_deleted_is_missing_and_the_next_ones_are_still_looked_at(sealed):
    AuditSeal.objects.filter(number=2).delete()
    rows(sealed[9]).update(actor="nobody")
    found = verified()
    assert found.kinds == ["seal_missing", "event_changed"]
    assert "Seal 2 is missing; 4 events are said to be in there." in found.text


def test_seal_made_anew_without_the_key(sealed):
    """Event, leaf, root and the chain after it rewritten: all but the signatures."""
    rows(sealed[0]).update(actor="nobody")
    previous = digests.NO_ROOT
    for seal in AuditSeal.objects.order_by("number"):
        events = AuditEvent.objects.filter(batch=seal.number).order_by("pk").values(*digests.COLUMNS)
        seal.leaves, seal.previous = b"".join(map(digests.leaf, events)), previous
        previous = seal.root = digests.root(seal)
        seal.save()
    found = verified()
    assert found.kinds == ["signature_unknown"]
    assert found.findings[0]["seals"] == [1, 3]
    assert "Seals 1 to 3: no present key made their signatures." in found.text


def test_one_seal_replaced_by_another_signed_one_breaks_the_chain(sealed):
    """Whoever has the key can sign, but not change what the next seal says of it."""
    seal = AuditSeal.objects.get(number=1)
    seal.sealed_at -= timedelta(days=1)
    seal.root = digests.root(seal)
    seal.signature = Keys.present().sign(seal.root)
    seal.save()
    found = verified()
    assert found.kinds == ["chain_broken"]
    assert "Seal 2: it does not follow seal 1" in found.text


def test_tail_cut_with_its_events_is_found_only_with_the_expected_root(sealed):
    last = Said().last
    AuditSeal.objects.filter(number=3).delete()
    rows(*sealed[8:]).delete()
    assert verified().kinds == []
    found = verified("--expect", last)
    assert found.kinds == ["end_cut"]
    assert "Seal 3 is expected and not there" in found.text


def test_tail_cut_without_its_events_is_found(sealed):
    AuditSeal.objects.filter(number__gte=2).delete()
    found = verified()
    assert found.kinds == ["end_cut"]
    assert "6 events are said to be in seals after the last one, 1" in found.text


def test_tail_sealed_anew_is_found_with_the_expected_root(sealed):
    last = Said().last
    AuditSeal.objects.filter(number=3).delete()
    rows(*sealed[8:]).update(batch=None, actor="nobody")
    assert verified("--seal").kinds == []
    found = verified("--expect", last)
    assert found.kinds == ["other_root"]
    assert "Seal 3 has another root than expected" in found.text


def test_everything_deleted_is_found_with_the_expected_root(sealed):
    last = Said().last
    AuditSeal.objects.all().delete()
    AuditEvent.objects.all().delete()
    assert verified().kinds == []
    assert verified("--expect", last).kinds == ["end_cut"]


def test_older_backup_restored_is_found_before_and_after_the_site_went_on(sealed):
    backup = list(AuditEvent.objects.values()), list(AuditSeal.objects.values())
    record(6)
    last = Said("--seal").last
    assert verified("--expect", last).kinds == []
    AuditEvent.objects.all().delete()
    AuditSeal.objects.all().delete()
    AuditEvent.objects.bulk_create([AuditEvent(**row) for row in backup[0]])
    AuditSeal.objects.bulk_create([AuditSeal(**row) for row in backup[1]])
    assert verified().kinds == []
    assert verified("--expect", last).kinds == ["end_cut"]
    record(6)
    Said("--seal")
    assert verified().kinds == []
    assert verified("--expect", last).kinds == ["other_root"]


def test_event_in_a_seal_that_cannot_be(sealed):
    rows(sealed[2]).update(batch=0)
    assert verified().kinds == ["event_deleted", "event_added"]


def test_findings_are_bounded(sealed, monkeypatch):
    monkeypatch.setattr(verify, "MOST_FINDINGS", 2)
    for pk in (sealed[0], sealed[4], sealed[8]):
        rows(pk).update(actor="nobody")
    found = verified()
    assert len(found.findings) == 2
    assert found.report["more_findings"] == 1
    assert "And 1 findings more." in found.text


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL takes no value that its column cannot hold")
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("oauth_provider_auditevent", "at", "yesterday"),
        ("oauth_provider_auditevent", "at", "2026-13-45 00:00:00"),
        ("oauth_provider_auditseal", "sealed_at", "yesterday"),
        ("oauth_provider_auditseal", "leaves", "text"),
        ("oauth_provider_auditseal", "signature", 7),
        ("oauth_provider_auditseal", "count", "many"),
    ],
)
def test_value_that_the_column_cannot_hold_is_a_finding(sealed, table, column, value):
    where = "batch" if table.endswith("event") else "number"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {where} = 2", [value])  # noqa: S608
    assert set(verified().kinds) & {"event_changed", "unreadable", "seal_changed", "signature_unknown"}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a time that only PostgreSQL knows")
@pytest.mark.parametrize(
    ("table", "column"), [("oauth_provider_auditevent", "at"), ("oauth_provider_auditseal", "sealed_at")]
)
def test_time_that_is_none_in_Python_is_a_finding(sealed, table, column):
    where = "batch" if table.endswith("event") else "number"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = 'infinity' WHERE {where} = 2")  # noqa: S608
    assert "unreadable" in verified().kinds


def test_source_of_an_event_is_sealed_with_it(db):
    event = AuditEvent.objects.record(
        Event.TOKEN_REFUSED, source=Source(address="192.0.2.1", user_agent="\U0001f600 ü\n", request_id="r")
    )
    Said("--seal")
    assert verified().kinds == []
    rows(event.pk).update(user_agent="\U0001f600 u\n")
    assert verified().kinds == ["event_changed"]
