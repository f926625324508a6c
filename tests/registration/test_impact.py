"""What ends with a client, counted from what really happened on the wire."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import usage
from oauth_provider.clients.impact import impact
from oauth_provider.models import AuditEvent, Client, Grant
from oauth_provider.values import Event, GrantType
from tests.flow import Flow, Registered, machine_token

pytestmark = pytest.mark.django_db

NOTES, MAIL = "https://notes.example", "https://mail.example"


@pytest.fixture
def two_resources(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {NOTES: "Notes", MAIL: "Mail"}}


def signed_in(person) -> Flow:
    browser = Browser()
    browser.force_login(person)
    return Flow(browser)


def test_people_are_counted_once_and_ended_grants_not_at_all(conf_client, alice, bob):
    for person in (alice, alice, bob):
        signed_in(person).tokens(conf_client)
    over = Grant.objects.filter(user=bob).get()
    Grant.objects.create(
        client=conf_client.row, user=bob, subject="u_x", expires_at=timezone.now() - timedelta(seconds=1)
    )
    found = impact(conf_client.row)
    assert (found.grants, found.people, found.devices) == (3, 2, 0)
    over.revoke(reason="test")
    found = impact(conf_client.row)
    assert (found.grants, found.people) == (2, 1)


def test_devices_are_counted_beside_the_people(device_client, alice, bob):
    for person, grant_type in ((alice, GrantType.DEVICE_CODE), (bob, GrantType.AUTHORIZATION_CODE)):
        Grant.objects.create(
            client=device_client.row, user=person, subject="u_x", grant_type=grant_type,
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    found = impact(device_client.row)
    assert (found.grants, found.people, found.devices) == (2, 2, 1)


def test_a_machine_says_when_it_was_last_here(machine_client, conf_client, flow):
    assert impact(machine_client.row).machine_last_seen is None
    assert machine_token(machine_client).status_code == 200
    flow.tokens(conf_client)
    usage.flush()
    machine, web = (Client.objects.named(client.client_id) for client in (machine_client, conf_client))
    assert timezone.now() - impact(machine).machine_last_seen < timedelta(minutes=1)
    assert web.last_used_at is not None
    assert impact(web).machine_last_seen is None


@pytest.mark.usefixtures("two_resources")
def test_resources_may_accept_a_jwt_until_the_last_one_ends():
    row, secret = Client.objects.register(name="Job", profile="machine", scopes=["read"], resources=[NOTES, MAIL])
    assert impact(row).self_verifying == ()
    answer = machine_token(Registered(row, secret), scope="read", resource=NOTES)
    assert answer.status_code == 200, answer.content
    issued = AuditEvent.objects.get(event=Event.TOKEN_ISSUED).at
    until = issued + timedelta(seconds=answer.json()["expires_in"])
    assert impact(row).self_verifying == ((NOTES, until), (MAIL, until))
    AuditEvent.objects.update(at=issued - timedelta(seconds=3600))
    assert impact(row).self_verifying == ()


def test_the_issuer_accepts_on_its_own_only_when_it_never_looks_at_the_state(machine_client, settings):
    assert machine_token(machine_client).status_code == 200
    assert impact(machine_client.row).self_verifying == ()
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    ((audience, _until),) = impact(machine_client.row).self_verifying
    assert audience == "https://provider.example"


@pytest.mark.usefixtures("two_resources")
def test_nobody_accepts_an_opaque_token_on_its_own():
    row, secret = Client.objects.register(
        name="Job", profile="machine", scopes=["read"], resources=[NOTES, MAIL], settings={"token_format": "opaque"}
    )
    assert machine_token(Registered(row, secret), scope="read", resource=NOTES).status_code == 200
    assert impact(row).self_verifying == ()


@pytest.mark.usefixtures("two_resources")
def test_it_takes_two_statements(django_assert_num_queries):
    row, _secret = Client.objects.register(name="Job", profile="machine", resources=[NOTES])
    client = Client.objects.named(row.client_id)
    with django_assert_num_queries(2):
        impact(client)
