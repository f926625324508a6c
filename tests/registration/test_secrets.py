"""Secrets: rotation without an outage, the last one kept, secrets made elsewhere, mails before the end."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider import credentials
from oauth_provider.clients import expiry, secrets, status
from oauth_provider.clients.expiry import Outcome
from oauth_provider.models import AuditEvent, Client, ClientSecret
from oauth_provider.transfer import dot
from oauth_provider.values import Event
from tests.flow import Registered, machine_token
from tests.mail_server import override_mail_server

pytestmark = pytest.mark.django_db

ELSEWHERE = "Zm9yIHRoZSB2YXVsdCwgbm90IGZvciB5b3U="
DAY = timedelta(days=1)


def token(client: Client, secret: str | None) -> int:
    return machine_token(Registered(client, secret)).status_code


def passes(row: ClientSecret) -> None:
    """The end of this secret comes."""
    ClientSecret.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_both_secrets_work_in_the_grace_and_only_the_new_one_afterwards(machine_client):
    client = machine_client.row
    old = ClientSecret.objects.get()
    _row, new = secrets.rotate(client, grace=7 * 86400)
    assert (token(client, machine_client.secret), token(client, new)) == (200, 200)
    old.refresh_from_db()
    assert old.expires_at - timezone.now() == pytest.approx(7 * DAY, abs=timedelta(minutes=1))
    passes(old)
    assert (token(client, machine_client.secret), token(client, new)) == (401, 200)


def test_without_a_grace_the_old_secret_ends_at_once(machine_client):
    _row, new = secrets.rotate(machine_client.row, grace=0)
    assert (token(machine_client.row, machine_client.secret), token(machine_client.row, new)) == (401, 200)


def test_rotation_never_prolongs(machine_client):
    soon, late = (timezone.now() + days * DAY for days in (1, 90))
    first, second = ClientSecret.objects.get(), secrets.add(machine_client.row, expires_at=late)[0]
    secrets.set_expiry(first, soon)
    gone, _value = secrets.add(machine_client.row)
    secrets.revoke(gone)
    row, _value = secrets.rotate(machine_client.row, grace=7 * 86400)
    ends = dict(ClientSecret.objects.values_list("pk", "expires_at"))
    assert ends[first.pk] == soon
    assert ends[second.pk] < late
    assert ends[row.pk] is None
    assert ends[gone.pk] is None
    detail = AuditEvent.objects.filter(event=Event.SECRET_ADDED).latest("pk").detail
    assert detail == {"hint": row.hint, "older": [first.hint, second.hint], "grace": 7 * 86400}


def test_the_last_live_secret_is_not_retired(machine_client):
    old = ClientSecret.objects.get()
    with pytest.raises(ValidationError) as refused:
        secrets.retire(old)
    assert refused.value.code == "last"
    assert token(machine_client.row, machine_client.secret) == 200
    expired, _value = secrets.add(machine_client.row, expires_at=timezone.now() - DAY)
    with pytest.raises(ValidationError):
        secrets.retire(old)
    secrets.retire(expired)
    _row, new = secrets.add(machine_client.row)
    secrets.retire(old)
    assert (token(machine_client.row, machine_client.secret), token(machine_client.row, new)) == (401, 200)


@pytest.mark.parametrize("act", [lambda one: secrets.rotate(one, grace=0), lambda one: secrets.keep(one, ELSEWHERE)])
def test_a_public_client_gets_no_secret(public_client, act):
    with pytest.raises(ValidationError, match="public client has no secret"):
        act(public_client.row)
    assert not ClientSecret.objects.exists()


def test_a_secret_made_elsewhere_is_kept_as_a_digest_and_works(machine_client):
    row = secrets.keep(machine_client.row, ELSEWHERE, actor="vault")
    assert token(machine_client.row, ELSEWHERE) == 200
    again = secrets.keep(machine_client.row, ELSEWHERE, expires_at=timezone.now())
    assert (again.pk, again.expires_at) == (row.pk, None)
    assert AuditEvent.objects.get(event=Event.SECRET_ADDED).detail == {"hint": ELSEWHERE[-4:], "made": "elsewhere"}
    assert ELSEWHERE not in str(list(ClientSecret.objects.values()) + list(AuditEvent.objects.values()))


def test_a_secret_that_was_revoked_does_not_come_back(machine_client):
    secrets.revoke(secrets.keep(machine_client.row, ELSEWHERE))
    with pytest.raises(ValidationError, match="revoked here"):
        secrets.keep(machine_client.row, ELSEWHERE)
    assert token(machine_client.row, ELSEWHERE) == 401


OURS = credentials.make(credentials.Kind.CLIENT_SECRET)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "22 to 255"),
        ("only-twenty-one-signs", "22 to 255"),
        ("x" * 256, "22 to 255"),
        ("a" * 40, "repeated"),
        (" leading-space-is-a-mistake", "visible"),
        ("trailing-newline-of-a-file\n", "visible"),
        ("signs-beyond-ascii-are-né", "visible"),
        ("nul-in-the-middle\x00-of-it-all", "visible"),
        ("pbkdf2_sha256$870000$abcdefgh$abcdefgh", "stored hash"),
        # Random values need an id: workers that run side by side must collect the same tests.
        pytest.param(OURS[:-1] + ("0" if OURS[-1] != "0" else "1"), "not a whole client secret", id="damaged"),
        pytest.param(credentials.make(credentials.Kind.ACCESS_TOKEN), "not a whole client secret", id="access token"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_and_not_repeated(machine_client, value, said):
    with pytest.raises(ValidationError, match=said) as refused:
        secrets.keep(machine_client.row, value)
    assert not value or value not in str(refused.value)
    assert ClientSecret.objects.count() == 1


def test_one_of_ours_may_be_kept(machine_client):
    secrets.keep(machine_client.row, OURS)
    assert token(machine_client.row, OURS) == 200


# ── A secret that django-oauth-toolkit hashed ───────────────────────────────────────────────────────────────

OF_DOT = "a-secret-the-toolkit-made-and-hashed-itself"


@pytest.fixture
def imported() -> Client:
    application = Application.objects.create(
        name="Old job", client_type="confidential", authorization_grant_type="client-credentials", client_secret=OF_DOT
    )
    dot.adopt(application.client_id)
    Client.objects.update(default_scopes=["read"])
    return Client.objects.get(application=application)


@pytest.mark.parametrize("was_sent", [False, True])
def test_a_secret_taken_over_rotates_like_any_other(imported, was_sent):
    if was_sent:
        assert token(imported, OF_DOT) == 200
    _row, new = secrets.rotate(imported, grace=7 * 86400)
    assert (token(imported, OF_DOT), token(imported, new)) == (200, 200)
    old = ClientSecret.objects.get(imported=True)
    assert old.hint == OF_DOT[-4:]
    assert old.expires_at is not None
    passes(old)
    assert (token(imported, OF_DOT), token(imported, new)) == (401, 200)


def test_a_hash_nobody_sent_ends_with_its_grace(imported):
    _row, new = secrets.rotate(imported, grace=0)
    assert (token(imported, OF_DOT), token(imported, new)) == (401, 200)


def test_a_hash_nobody_sent_can_be_retired(imported):
    (standing,) = secrets.named(imported, "hash")
    with pytest.raises(ValidationError):
        secrets.retire(standing)
    secrets.add(imported)
    secrets.retire(standing)
    assert token(imported, OF_DOT) == 401
    assert secrets.named(imported, "hash") == []


def test_the_row_that_stands_for_a_hash_has_a_digest_that_no_value_has(imported):
    secrets.named(imported, "hash")
    for guess in ("0" * 64, "hash", imported.application.client_secret):
        assert token(imported, guess) == 401


# ── Mails before a secret ends ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ending(machine_client, alice):
    """A secret of a client that Alice owns, ending when it is told to."""
    machine_client.row.owners.create(user=alice)

    def ends_in(left: timedelta) -> ClientSecret:
        ClientSecret.objects.update(expires_at=timezone.now() + left)
        return ClientSecret.objects.get()

    return ends_in


def warn() -> list[Outcome]:
    return [expiry.warn(one) for one in expiry.due()]


def test_owners_are_told_at_30_7_and_1_days_each_once(ending):
    said = []
    for hours in range(40 * 24, -24, -12):
        ending(timedelta(hours=hours, minutes=1))
        warn()
        said += [(hours, message.subject) for message in mail.outbox]
        mail.outbox.clear()
    assert said == [
        (29 * 24 + 12, "A secret of Nightly report expires in 30 days"),
        (6 * 24 + 12, "A secret of Nightly report expires in 7 days"),
        (12, "A secret of Nightly report expires in 1 day"),
    ]


def test_days_without_a_run_are_caught_up_with_by_one_mail(ending):
    ending(20 * DAY)
    warn()
    ending(DAY / 2)
    assert warn() == [Outcome.TOLD]
    assert warn() == []
    assert [message.subject[-7:] for message in mail.outbox] == ["20 days", "n 1 day"]
    assert ClientSecret.objects.get().warned_days == 1


def test_the_mail_says_what_to_do_and_where(ending, alice, machine_client):
    secret = ending(6 * DAY)
    assert warn() == [Outcome.TOLD]
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert machine_client.client_id in message.body
    assert f"ends in {secret.hint}" in message.body
    assert "stops working" in message.body
    assert "add a second secret" in message.body
    assert f"manage.py oauth_rotate_secret {machine_client.client_id}" in message.body
    page = f"https://provider.example/admin/oauth_provider/client/{machine_client.row.pk}/change/"
    assert f"In the admin: {page}\n" in message.body
    assert machine_client.secret not in message.body


@override_settings(ROOT_URLCONF="oauth_provider.urls")
def test_the_mail_names_no_page_where_the_site_has_no_admin(ending):
    ending(6 * DAY)
    warn()
    assert "In the admin" not in mail.outbox[0].body


def test_the_mail_says_when_another_secret_goes_on(ending, machine_client):
    ending(6 * DAY)
    secrets.add(machine_client.row)
    warn()
    assert "Another secret of this client lives longer" in mail.outbox[0].body
    assert "stops working" not in mail.outbox[0].body


def test_a_secret_that_ends_earlier_or_was_revoked_replaces_nothing(ending, machine_client):
    last = ending(6 * DAY)
    secrets.add(machine_client.row, expires_at=last.expires_at - DAY)
    secrets.revoke(secrets.add(machine_client.row)[0])
    warn()
    body = next(message.body for message in mail.outbox if last.hint in message.body)
    assert "stops working" in body


def test_members_of_an_owning_group_are_told_and_leavers_are_not(ending, machine_client, alice, bob):
    ending(6 * DAY)
    group = Group.objects.create(name="Platform")
    bob.groups.add(group)
    machine_client.row.owners.create(group=group)
    alice.is_active = False
    alice.save()
    warn()
    assert [message.to for message in mail.outbox] == [[bob.email]]


def test_without_owners_the_security_contact_is_told(ending, machine_client, settings):
    ending(6 * DAY)
    machine_client.row.owners.all().delete()
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SECURITY_CONTACT": "security@provider.example"}
    assert warn() == [Outcome.TOLD]
    assert mail.outbox[0].to == ["security@provider.example"]


def test_nobody_to_tell_is_said_and_tried_again(ending, machine_client, alice, caplog):
    ending(6 * DAY)
    machine_client.row.owners.all().delete()
    with caplog.at_level(logging.WARNING, "oauth_provider.mail"):
        assert warn() == [Outcome.NOBODY]
    assert machine_client.client_id in caplog.text
    machine_client.row.owners.create(user=alice)
    assert warn() == [Outcome.TOLD]


def test_a_mail_server_that_is_down_costs_a_day_and_no_mail(ending, caplog):
    ending(6 * DAY)
    with override_mail_server(port=9):  # nothing listens there
        assert warn() == [Outcome.FAILED]
    assert "no mail about the secret" in caplog.text
    assert warn() == [Outcome.TOLD]


def test_of_two_runs_at_once_one_tells(ending):
    ending(6 * DAY)
    (one,), (other,) = list(expiry.due()), list(expiry.due())
    assert [expiry.warn(one), expiry.warn(other)] == [Outcome.TOLD, Outcome.TOLD_BEFORE]
    assert len(mail.outbox) == 1


def test_archived_clients_and_ended_secrets_are_left_alone(ending, machine_client):
    ending(6 * DAY)
    status.archive(machine_client.row)
    assert warn() == []
    Client.objects.update(status="active")
    ending(-DAY)
    assert warn() == []
    secrets.revoke(ending(6 * DAY))
    assert warn() == []


def test_a_secret_that_is_prolonged_is_spoken_of_again(ending):
    secret = ending(DAY / 2)
    assert warn() == [Outcome.TOLD]
    secrets.set_expiry(secret, timezone.now() + 6 * DAY)
    assert warn() == [Outcome.TOLD]


def test_looking_for_what_is_due_is_one_statement(ending, machine_client, django_assert_num_queries):
    ending(6 * DAY)
    secrets.add(machine_client.row, expires_at=timezone.now() + DAY)
    with django_assert_num_queries(1):
        assert len([one.secret.client.client_id for one in expiry.due()]) == 2
