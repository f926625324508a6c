"""Secrets at once: the last one stays, owners get one mail, a file is applied once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from oauth_provider.clients import expiry, secrets
from oauth_provider.clients.expiry import Outcome
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.transfer.declarative import apply, plan, reading
from oauth_provider.transfer.declarative.problems import Refused
from tests.commands.clients_file import JOB
from tests.parallel.rig import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(database) -> Client:
    return Client.objects.register(name="Job", profile="machine", scopes=["read"])[0]


def test_two_that_retire_one_secret_each_leave_one(job):
    secrets.add(job)

    def retire(pk):
        try:
            secrets.retire(ClientSecret.objects.select_related("client__application").get(pk=pk))
        except ValidationError as refusal:
            return refusal.code
        return "retired"

    pks = ClientSecret.objects.values_list("pk", flat=True)
    assert sorted(at_once([partial(retire, pk) for pk in pks])) == ["last", "retired"]
    assert ClientSecret.objects.live(job).count() == 1


def test_of_many_runs_that_warn_one_sends_the_mail(job, alice):
    job.owners.create(user=alice)
    ClientSecret.objects.update(expires_at=timezone.now() + timedelta(days=5))
    mail.outbox = []
    outcomes = at_once([lambda: [expiry.warn(one) for one in expiry.due()]] * 6)
    told = [outcome for run in outcomes for outcome in run]
    assert told.count(Outcome.TOLD) == 1
    assert set(told) <= {Outcome.TOLD, Outcome.TOLD_BEFORE}
    assert len(mail.outbox) == 1


def test_rotations_at_once_leave_a_secret_for_each_that_was_shown(job):
    shown = [value for _row, value in at_once([lambda: secrets.rotate(job, grace=3600)] * 4)]
    assert len(set(shown)) == 4
    rows = ClientSecret.objects.live(job).order_by("pk")
    assert [row.expires_at is None for row in rows] == [False, False, False, False, True]


def test_a_file_applied_twice_at_once_makes_one_client(database, tmp_path, monkeypatch):
    monkeypatch.setenv("BILLING_SECRET", "a-secret-that-was-made-in-a-vault")
    file = tmp_path / "clients.toml"
    file.write_text(JOB, encoding="utf-8")

    def run():
        try:
            apply.apply(plan.make(reading.read(file)), prune=False, actor="test")
        except Refused as refused:
            return str(refused)
        return ""

    said = at_once([run] * 4)
    assert "" in said
    assert all(one in {"", "clients.billing: somebody else made or changed it just now; run it again"} for one in said)
    assert (Client.objects.count(), ClientSecret.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(event="client_registered").count() == 1
