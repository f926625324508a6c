from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from oauth_provider.audit import seal
from oauth_provider.models import AuditEvent
from oauth_provider.values import Event, Source


class Said:
    """What `oauth_verify_audit` printed, and its exit code."""

    def __init__(self, *arguments):
        out = StringIO()
        self.code = 0
        try:
            call_command("oauth_verify_audit", *arguments, stdout=out, stderr=StringIO())
        except CommandError as error:
            self.code = error.returncode
        self.text = out.getvalue()

    @property
    def last(self):
        """`NUMBER:ROOT`, as an operator copies it."""
        return self.text.split("last seal: ", 1)[1].strip()


class Found:
    """What `oauth_verify_audit --json` found, after its sentences were seen to agree."""

    def __init__(self, *arguments):
        said, counted = Said(*arguments), Said("--json", *arguments)
        self.report = json.loads(counted.text)
        self.kinds = [finding["kind"] for finding in self.report["findings"]]
        self.findings = self.report["findings"]
        self.text = said.text
        for finding in self.findings:
            assert f"{finding['sentence']}\n  What to do: {finding['fix']}\n" in said.text
        assert said.code == counted.code == (1 if self.kinds else 0)
        assert self.report["intact"] is not bool(self.kinds)


def verified(*arguments):
    return Found(*arguments)


def record(count, **columns):
    """So many events, no two alike; the last one is returned."""
    before = AuditEvent.objects.count()
    for number in range(before, before + count):
        event = AuditEvent.objects.record(
            Event.TOKEN_ISSUED, client_id=f"client-{number}", source=Source(request_id=f"r-{number}"),
            detail={"scopes": ["read"], "number": number}, **columns,
        )  # fmt: skip
    return event


@pytest.fixture
def small_seals(monkeypatch):
    """Seals of four events, so that a few dozen make a chain."""
    monkeypatch.setattr(seal, "MOST_EVENTS", 4)


@pytest.fixture
def sealed(db, small_seals):
    """Ten events in three seals (4, 4, 2); their ids in order."""
    record(10)
    assert Said("--seal").code == 0
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))
