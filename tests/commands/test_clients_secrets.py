"""Secrets by reference in `clients.toml`: kept, replaced, retired, and never shown."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from oauth_provider.clients import secrets
from oauth_provider.models import Client, ClientSecret
from oauth_provider.transfer.declarative import plan as planning
from oauth_provider.transfer.declarative import reading
from tests.commands.clients_file import FIRST, JOB, MARKER, SECOND, SHOP, named, refused, run, token

pytestmark = pytest.mark.django_db


def test_a_secret_is_replaced_by_two_files_without_an_outage(clients, monkeypatch):
    clients("apply", JOB)
    monkeypatch.setenv("NEXT_SECRET", SECOND)
    both = JOB.replace('{ env = "BILLING_SECRET" }', '{ env = "BILLING_SECRET" }, { env = "NEXT_SECRET" }')
    said, _code = clients("apply", both)
    assert "        + …BBBB (env NEXT_SECRET), expires never" in said
    assert (token("billing", FIRST), token("billing", SECOND)) == (200, 200)
    said, _code = clients("apply", JOB.replace("BILLING_SECRET", "NEXT_SECRET"))
    assert "        - …AAAA" in said
    assert (token("billing", FIRST), token("billing", SECOND)) == (401, 200)


def test_a_secret_may_stand_in_a_file_beside_it(clients, tmp_path):
    (tmp_path / "billing.secret").write_text(FIRST + "\n", encoding="utf-8")
    clients("apply", JOB.replace('env = "BILLING_SECRET"', 'file = "billing.secret"'))
    assert token("billing", FIRST) == 200


def test_a_secret_expires_when_the_file_says_so(clients):
    ends = JOB.replace('"BILLING_SECRET"', '"BILLING_SECRET", expires = 2040-01-31')
    clients("apply", ends)
    assert f"{ClientSecret.objects.get().expires_at:%Y-%m-%dT%H:%M%z}" == "2040-01-31T00:00+0000"
    said, _code = clients("apply", ends.replace("2040-01-31", "2041-01-31T12:00:00+02:00"))
    assert "        ~ …AAAA: expires 2040-01-31 00:00 UTC → 2041-01-31 10:00 UTC" in said
    assert clients("plan", ends.replace("2040-01-31", "2041-01-31T10:00:00Z"))[1] == 0
    # What ends by a rotation goes on ending: a file that says nothing prolongs nothing.
    assert clients("plan", JOB)[1] == 0
    assert token("billing", FIRST) == 200


def test_without_the_key_the_secrets_are_left_alone(clients):
    clients("apply", JOB)
    secrets.add(named("billing"))
    assert clients("plan", JOB.replace('secrets = [{ env = "BILLING_SECRET" }]', ""))[1] == 0
    said, code = clients("plan", JOB)
    assert ("    secrets:\n        - …" in said, code) == (True, 2)


def test_a_value_that_is_not_here_is_a_note_in_plan_and_an_error_in_apply(clients, monkeypatch):
    clients("apply", JOB)
    for value in (None, ""):
        monkeypatch.delenv("BILLING_SECRET") if value is None else monkeypatch.setenv("BILLING_SECRET", value)
        said, code = clients("plan", JOB)
        assert ("    note: env BILLING_SECRET is not set: which secrets come and go" in said, code) == (True, 0)
        assert "clients.billing.secrets: env BILLING_SECRET is not set" in refused(clients, "apply", JOB)
    assert "No such file" in refused(clients, "apply", JOB.replace('env = "BILLING_SECRET"', 'file = "none"'))


def test_a_new_client_without_a_reference_is_told_how_to_get_a_secret(clients):
    said, _code = clients("apply", JOB.replace('secrets = [{ env = "BILLING_SECRET" }]', ""))
    assert "note: it will have no secret: name one in `secrets`, or run manage.py oauth_rotate_secret billing" in said
    assert not ClientSecret.objects.exists()


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (f'{{ value = "{FIRST}" }}', "a secret never stands in the file itself"),
        (f'{{ env = "{FIRST}", vaule = 3 }}', "there is no key 'vaule' in a reference"),
        ('{ env = "BILLING_SECRET", expire = 2040-01-01 }', "did you mean 'expires'?"),
        ('{ env = "BILLING_SECRET", file = "x" }', "either env or file"),
        ("{}", "either env or file"),
        ("{ env = 3 }", "env: it must be a string"),
        ('{ env = "BILLING_SECRET", expires = "soon" }', "expires: it must be a date or a time"),
        ('{ env = "BILLING_SECRET", expires = 12:00:00 }', "expires: it must be a date or a time"),
        ('{ env = "BILLING_SECRET", expires = 2040-01-01T12:00:00 }', "expires: a time needs its offset"),
        ('{ env = "BILLING_SECRET", expires = 0001-01-01T00:00:00+14:00 }', "expires: a year from 2000"),
        ('{ env = "BILLING_SECRET", expires = 2001-01-01 }', "it is new and has expired already"),
        ('{ env = "BILLING_SECRET" }, { env = "BILLING_SECRET" }', "the same secret is named before"),
        ('{ env = "SHORT" }', "env SHORT: A secret has 22 to 255 characters."),
        ('{ env = "HASHED" }', "env HASHED: This looks like a stored hash"),
        ('{ env = "DAMAGED" }', "env DAMAGED: It starts like a credential"),
        ('"BILLING_SECRET"', "it must be a list of references"),
        ('{ file = "/" }', "Is a directory"),
    ],
)
def test_a_reference_that_cannot_be_kept_is_explained_and_never_shown(clients, monkeypatch, reference, said):
    monkeypatch.setenv("SHORT", MARKER)
    monkeypatch.setenv("HASHED", f"pbkdf2_sha256$1${MARKER}$abcdef")
    monkeypatch.setenv("DAMAGED", f"op_cs_{MARKER}{MARKER}")
    found = refused(clients, "apply", JOB.replace('{ env = "BILLING_SECRET" }', reference))
    assert f"clients.billing.secrets: {said}" in found or said in found
    assert MARKER not in found
    assert not Client.objects.exists()


def test_a_public_client_has_no_secret_to_refer_to(clients):
    text = SHOP.replace('"web"', '"native"') + 'secrets = [{ env = "BILLING_SECRET" }]\n'
    assert "clients.shop.secrets: a public client has no secret" in refused(clients, "plan", text)


def test_a_secret_that_was_revoked_here_does_not_come_back_with_a_file(clients):
    clients("apply", JOB)
    secrets.add(named("billing"))
    secrets.revoke(ClientSecret.objects.earliest("pk"))
    for action in ("plan", "apply"):
        assert "clients.billing.secrets: The secret ending in AAAA was revoked here" in refused(clients, action, JOB)
    assert token("billing", FIRST) == 401


def test_no_file_takes_the_last_live_secret(clients, monkeypatch):
    clients("apply", JOB)
    for references in ("[]", '[{ env = "BILLING_SECRET", expires = 2001-01-01 }]'):
        text = JOB.replace('[{ env = "BILLING_SECRET" }]', references)
        assert "no live secret would be left" in refused(clients, "apply", text)
    _row, other = secrets.add(named("billing"))
    ClientSecret.objects.filter(hint="AAAA").update(expires_at=timezone.now() - timedelta(days=1))
    assert "no live secret would be left" in refused(clients, "apply", JOB)
    assert token("billing", other) == 200


def test_no_secret_is_shown_or_written_anywhere(clients, monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("NEXT_SECRET", SECOND)
    both = JOB.replace('{ env = "BILLING_SECRET" }', '{ env = "BILLING_SECRET" }, { env = "NEXT_SECRET" }')
    exported = tmp_path / "exported.toml"
    with caplog.at_level(logging.DEBUG):
        said = [
            clients(action, text, *options)[0]
            for text in (JOB, both, JOB)
            for action, options in (("plan", []), ("plan", ["--json"]), ("apply", ["--json"]), ("apply", []))
        ]
        said += [refused(clients, "apply", both), run("export", exported)[0]]
    kept = [list(model._base_manager.values()) for model in apps.get_models()]
    for where in (*said, exported.read_text(encoding="utf-8"), caplog.text, repr(kept)):
        assert MARKER not in where


def test_a_plan_in_memory_does_not_repeat_a_secret(clients, tmp_path):
    (tmp_path / "clients.toml").write_text(JOB, encoding="utf-8")
    assert MARKER not in repr(planning.make(reading.read(tmp_path / "clients.toml")))
