from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider.clients import secrets, usage
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.transfer import dot
from tests.flow import Registered, machine_token
from tests.mail_server import override_mail_server

pytestmark = pytest.mark.django_db


def rotate(*arguments):
    out = StringIO()
    call_command("oauth_rotate_secret", *arguments, stdout=out)
    return out.getvalue()


def env(text):
    return dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("# "))


def works(client, secret):
    return machine_token(Registered(client.row, secret)).status_code == 200


def test_prints_env_lines_and_both_secrets_work_until_the_grace_is_over(machine_client):
    text = rotate(machine_client.client_id)
    values = env(text)
    assert list(values) == ["CLIENT_ID", "CLIENT_SECRET"]
    assert values["CLIENT_ID"] == machine_client.client_id
    old = ClientSecret.objects.earliest("pk")
    assert f"# the older secret …{old.hint} ends at {old.expires_at:%Y-%m-%d %H:%M} UTC" in text
    assert old.expires_at - timezone.now() == pytest.approx(timedelta(days=7), abs=timedelta(minutes=1))
    assert works(machine_client, machine_client.secret)
    assert works(machine_client, values["CLIENT_SECRET"])
    ClientSecret.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not works(machine_client, machine_client.secret)
    assert works(machine_client, values["CLIENT_SECRET"])


@pytest.mark.parametrize(("grace", "seconds"), [("12h", 43200), ("30m", 1800), ("90s", 90), ("3600", 3600)])
def test_grace_is_a_time_or_seconds(machine_client, grace, seconds):
    rotate(machine_client.client_id, "--grace", grace)
    left = ClientSecret.objects.earliest("pk").expires_at - timezone.now()
    assert left == pytest.approx(timedelta(seconds=seconds), abs=timedelta(minutes=1))


def test_no_grace_ends_the_old_secret_at_once(machine_client):
    text = rotate(machine_client.client_id, "--grace", "0", "--expires", "90")
    assert not works(machine_client, machine_client.secret)
    assert works(machine_client, env(text)["CLIENT_SECRET"])
    left = ClientSecret.objects.latest("pk").expires_at - timezone.now()
    assert left == pytest.approx(timedelta(days=90), abs=timedelta(minutes=1))


def test_json_holds_the_new_secret_and_the_hints_of_the_older(machine_client):
    found = json.loads(rotate(machine_client.client_id, "--json"))
    assert works(machine_client, found["client_secret"])
    assert found["hint"] == found["client_secret"][-4:]
    assert [one["hint"] for one in found["older"]] == [machine_client.secret[-4:]]
    assert machine_client.secret not in json.dumps(found)


def test_the_secret_is_printed_once_and_stands_nowhere_else(machine_client, caplog):
    with caplog.at_level(logging.DEBUG):
        value = env(rotate(machine_client.client_id))["CLIENT_SECRET"]
        machine_token(Registered(machine_client.row, value[:-1]))
        later = rotate(machine_client.client_id, "--list") + rotate(machine_client.client_id, "--list", "--json")
        later += rotate(machine_client.client_id, "--revoke", machine_client.secret[-4:], "--json")
        later += rotate("--warn") + rotate("--warn", "--json")
    kept = str([*ClientSecret.objects.values(), *AuditEvent.objects.values(), *Client.objects.values()])
    for secret in (value, machine_client.secret):
        assert secret not in later + caplog.text + kept + "".join(message.body for message in mail.outbox)
        # Nor so much of it that the rest could be guessed.
        assert secret[6:20] not in later + caplog.text + kept


def test_list_shows_hints_ends_and_last_uses(machine_client):
    works(machine_client, machine_client.secret)
    usage.flush()
    ClientSecret.objects.update(last_used_address="192.0.2.7")
    secrets.revoke(secrets.add(machine_client.row)[0])
    secrets.add(machine_client.row, expires_at=timezone.now() - timedelta(days=1))
    expired, revoked, live = rotate(machine_client.client_id, "--list").splitlines()
    assert f"…{machine_client.secret[-4:]}  live" in live
    assert "expires never" in live
    assert re.search(r"last used \d{4}-\d\d-\d\d \d\d:\d\d UTC from 192\.0\.2\.7$", live)
    assert "  revoked, " in revoked
    assert "  expired, " in expired
    assert revoked.endswith("last used never")
    assert [one["state"] for one in json.loads(rotate(machine_client.client_id, "--list", "--json"))] == [
        "expired", "revoked", "live",
    ]  # fmt: skip


def test_revoke_by_hint_or_number_ends_one(machine_client):
    first, new = secrets.add(machine_client.row)
    assert "is revoked" in rotate(machine_client.client_id, "--revoke", machine_client.secret[-4:])
    assert not works(machine_client, machine_client.secret)
    assert works(machine_client, new)
    secrets.add(machine_client.row)
    rotate(machine_client.client_id, "--revoke", f"#{first.pk}")
    assert not works(machine_client, new)
    assert AuditEvent.objects.filter(event="secret_revoked", actor="oauth_rotate_secret").count() == 2


@pytest.mark.parametrize("typed", [[], ["--yes-the-last-one", "nightly report"], ["--yes-the-last-one", ""]])
def test_the_last_secret_stays_unless_the_name_is_typed(machine_client, typed):
    with pytest.raises(CommandError, match="last live one of Nightly report"):
        rotate(machine_client.client_id, "--revoke", machine_client.secret[-4:], *typed)
    assert works(machine_client, machine_client.secret)


def test_the_last_secret_ends_when_the_name_is_typed(machine_client):
    rotate(machine_client.client_id, "--revoke", machine_client.secret[-4:], "--yes-the-last-one", "Nightly report")
    assert not works(machine_client, machine_client.secret)


def test_a_hint_that_two_secrets_have_is_asked_about(machine_client):
    twin, _value = secrets.add(machine_client.row)
    hint = machine_client.secret[-4:]
    ClientSecret.objects.filter(pk=twin.pk).update(hint=hint)
    with pytest.raises(CommandError, match="several secrets") as refused:
        rotate(machine_client.client_id, "--revoke", hint)
    assert f"#{twin.pk} …{hint}" in str(refused.value)
    assert ClientSecret.objects.filter(revoked_at=None).count() == 2


def test_a_secret_that_the_toolkit_hashed_is_listed_and_can_be_revoked():
    application = Application.objects.create(
        name="Old job",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="s" * 30,
    )
    dot.adopt(application.client_id)
    assert "django-oauth-toolkit hashed" in rotate(application.client_id, "--list")
    assert not ClientSecret.objects.exists()
    with pytest.raises(CommandError, match="last live one"):
        rotate(application.client_id, "--revoke", "hash")
    rotate(application.client_id)
    rotate(application.client_id, "--revoke", "hash")
    client = Client.objects.get()
    assert machine_token(Registered(client, "s" * 30), scope="read").status_code == 401


@pytest.fixture
def ending(machine_client, alice):
    machine_client.row.owners.create(user=alice)
    ClientSecret.objects.update(expires_at=timezone.now() + timedelta(days=5))
    return machine_client


def test_warn_tells_and_says_so(ending):
    assert re.fullmatch(
        rf"told who answers for Nightly report \({ending.client_id}\): the secret …\w{{4}} ends at .* UTC\n",
        rotate("--warn"),
    )
    assert len(mail.outbox) == 1
    assert rotate("--warn") == ""
    assert len(mail.outbox) == 1


def test_dry_run_tells_nobody_and_notes_nothing(ending):
    assert rotate("--warn", "--dry-run").startswith("would tell who answers for Nightly report")
    (found,) = json.loads(rotate("--warn", "--dry-run", "--json"))
    assert (found["outcome"], found["days"], found["another_secret_outlives_it"]) == ("would_tell", 5, False)
    assert mail.outbox == []
    assert ClientSecret.objects.get().warned_days is None


def test_warn_says_when_there_is_nobody_to_tell(ending):
    ending.row.owners.all().delete()
    assert rotate("--warn").startswith("nobody to tell: Nightly report")


def test_warn_fails_when_no_mail_server_answers(ending):
    with override_mail_server(port=9), pytest.raises(CommandError, match="Not every mail"):  # nothing listens there
        rotate("--warn")
    assert ClientSecret.objects.get().warned_days is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name the client"),
        (["--list"], "Name the client"),
        (["nobody"], "no client with the client_id 'nobody'"),
        (["{id}", "--warn"], "leave CLIENT_ID out"),
        (["{id}", "--grace", "a week"], "must be like 7d"),
        (["{id}", "--grace", "-1"], "expected one argument|must be like 7d"),
        (["{id}", "--grace", "99999d"], "must be like 7d"),
        (["{id}", "--expires", "0"], "from 1 to 3660"),
        (["{id}", "--expires", "never"], "from 1 to 3660"),
        (["{id}", "--revoke", "????"], "There is no secret '\\?\\?\\?\\?'. Name one of: #"),
        (["{id}", "--list", "--warn"], "not allowed with"),
    ],
)
def test_wrong_arguments_are_explained_and_change_nothing(machine_client, arguments, said):
    with pytest.raises(CommandError, match=said):
        rotate(*(one.format(id=machine_client.client_id) for one in arguments))
    assert ClientSecret.objects.get().revoked_at is None


def test_a_public_client_has_none_to_rotate(public_client):
    with pytest.raises(CommandError, match="public client has no secret"):
        rotate(public_client.client_id)
    assert rotate(public_client.client_id, "--list") == "no secret\n"
