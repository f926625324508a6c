from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from oauth_provider.models import AuditEvent, AuditSeal
from tests.audit.conftest import Said, record, verified

pytestmark = pytest.mark.django_db


def test_last_looks_at_the_newest_seals_only(sealed):
    AuditEvent.objects.filter(pk=sealed[0]).update(actor="nobody")
    assert verified().kinds == ["event_changed"]
    assert verified("--last", "2").report["seals"] == 2
    assert verified("--last", "2").kinds == []
    assert verified("--last", "3").kinds == verified("--last", "99").kinds == ["event_changed"]


def test_last_still_looks_at_the_chain(sealed):
    AuditSeal.objects.filter(number=2).update(root="1" * 64)
    assert verified("--last", "1").kinds == ["chain_broken"]


def test_archived_seals_and_events_may_be_gone(sealed):
    """Events up to a seal were exported and deleted; its root was written down."""
    first = AuditSeal.objects.get(number=1)
    AuditEvent.objects.filter(batch=1).delete()
    first.delete()
    assert verified().kinds == ["seal_missing"]
    found = verified("--after", f"1:{first.root}")
    assert found.kinds == []
    assert found.report["seals"] == 2
    assert verified("--after", f"1:{'1' * 64}").kinds == ["chain_broken"]
    AuditSeal.objects.filter(number=2).delete()
    assert verified("--after", f"1:{first.root}").kinds == ["seal_missing"]


def test_after_the_last_seal_there_is_nothing_to_find(sealed):
    last = Said().last
    assert verified("--after", last).kinds == []
    record(2)
    found = verified("--seal", "--after", last)
    assert (found.kinds, found.report["seals"]) == ([], 1)
    assert Said("--after", last).last.startswith("4:")


def test_several_roots_may_be_expected(sealed):
    roots = [f"{row.number}:{row.root}" for row in AuditSeal.objects.order_by("number")]
    expected = [word for root in roots for word in ("--expect", root)]
    assert verified(*expected).kinds == []
    AuditSeal.objects.filter(number=3).delete()
    assert verified(*expected).kinds == ["end_cut", "end_cut"]


def test_json_is_one_object(sealed):
    record(1)
    report = json.loads(Said("--json", "--seal").text)
    assert report == {
        "intact": True,
        "sealed": {"seals": 1, "events": 1},
        "seals": 4,
        "events": 11,
        "last": f"4:{AuditSeal.objects.get(number=4).root}",
        "signed_with_secret_key": 4,
        "waiting": 0,
        "oldest_waiting": None,
        "findings": [],
        "more_findings": 0,
    }


@pytest.mark.parametrize("root", ["", "3", "3:", "0:" + "a" * 64, "3:" + "A" * 64, "3:" + "a" * 63, "x:" + "a" * 64])
@pytest.mark.parametrize("option", ["--expect", "--after"])
def test_what_is_no_root_is_a_mistake_on_the_command_line(option, root):
    with pytest.raises(CommandError, match="NUMBER:ROOT"):
        call_command("oauth_verify_audit", option, root)


@pytest.mark.parametrize("seals", ["0", "-1", "x", "٣"])
def test_what_is_no_number_of_seals_is_a_mistake(seals):
    with pytest.raises(CommandError):
        call_command("oauth_verify_audit", f"--last={seals}")


def test_progress_is_drawn_where_somebody_watches(sealed, monkeypatch, capsys):
    record(4)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    call_command("oauth_verify_audit", "--seal")
    shown = capsys.readouterr().err
    assert "sealing ██████████████████████████████ 4/4" in shown
    assert "seals ███████···············" in shown
    assert shown.endswith("\r\x1b[K")


def test_nothing_is_drawn_where_nobody_watches(sealed, capsys):
    call_command("oauth_verify_audit", "--seal")
    assert capsys.readouterr().err == ""
