"""Registrations nobody allowed: never more than the bound, the oldest goes, each goes in time."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import unconfirmed
from oauth_provider.models import AuditEvent, Client, ClientOrigin, ClientSecret, Grant, StoredRequest
from oauth_provider.models.application import application_model
from oauth_provider.values import Source
from tests.flow import Flow, post_form
from tests.register import DEVICE, NATIVE, WEB, client_of, get, post, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


@pytest.fixture
def room_for(settings):
    """So many may wait."""

    def bound(number: int) -> None:
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "UNCONFIRMED_CLIENTS": number}

    return bound


def clear(*arguments: str) -> str:
    out = StringIO()
    call_command("oauth_clear_expired", *arguments, stdout=out)
    return out.getvalue()


def test_a_hundred_abandoned_registrations_leave_the_bound_and_not_a_row_more(room_for):
    room_for(20)
    answers = [registered(NATIVE if number % 2 else WEB) for number in range(100)]
    assert Client.objects.count() == application_model().objects.count() == 20
    assert ClientSecret.objects.count() == ClientOrigin.objects.count() == 10
    assert AuditEvent.objects.count() == 0
    assert {client.client_id for client in Client.objects.all()} == {answer["client_id"] for answer in answers[-20:]}
    assert (get(answers[0]).status_code, get(answers[-1]).status_code) == (401, 200)


def test_who_is_confirmed_takes_no_place_and_never_goes(room_for, flow, initial_access_token, conf_client):
    room_for(3)
    used = client_of(registered())
    flow.tokens(used)
    known = client_of(registered(WEB, initial_access_token))
    for _ in range(10):
        registered()
    assert Client.objects.filter(unconfirmed_until=None).count() == 3
    assert Client.objects.count() == 6
    assert flow.tokens(used)["access_token"]
    assert flow.tokens(known)["access_token"]
    assert flow.tokens(conf_client)["access_token"]


def test_a_smaller_bound_is_reached_in_a_few_registrations(room_for, monkeypatch):
    monkeypatch.setattr(unconfirmed, "_BATCH", 10)
    room_for(1000)
    for _ in range(30):
        registered()
    room_for(5)
    for _ in range(4):
        registered()
    assert Client.objects.count() == 5


def test_the_last_place_is_the_newest_s(room_for):
    room_for(1)
    registered()
    newest = registered()
    assert [client.client_id for client in Client.objects.all()] == [newest["client_id"]]


def test_what_waited_too_long_goes_with_the_next_registration_and_with_the_command():
    first, second = registered(), registered()
    Client.objects.filter(pk=client_of(first).row.pk).update(unconfirmed_until=timezone.now() - timedelta(seconds=1))
    assert "self-registered clients: 1 would go" in clear("--dry-run")
    assert "self-registered clients: 1 deleted" in clear()
    Client.objects.filter(pk=client_of(second).row.pk).update(unconfirmed_until=timezone.now() - timedelta(seconds=1))
    third = registered()
    assert [client.client_id for client in Client.objects.all()] == [third["client_id"]]
    assert AuditEvent.objects.count() == 0


def test_lifetime_is_the_setting_s(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "UNCONFIRMED_CLIENT_LIFETIME": timedelta(hours=2)}
    registered()
    left = Client.objects.get().unconfirmed_until - timezone.now()
    assert timedelta(minutes=119) < left < timedelta(minutes=121)


def test_what_hangs_on_a_client_nobody_allowed_goes_with_it(room_for, flow):
    room_for(1)
    client = client_of(registered())
    flow.authorize(client)
    device = client_of(registered(DEVICE))
    assert StoredRequest.objects.count() == 0
    post_form(Browser(), "/device_authorization", {"client_id": device.client_id, "scope": "read"})
    registered()
    assert Client.objects.count() == 1


def test_person_on_the_page_of_a_client_that_went_is_told_and_nothing_fails(room_for, flow):
    room_for(1)
    client = client_of(registered())
    page = flow.authorize(client)
    registered()
    form = {"request": page.content.decode().split('name="request" value="')[1].split('"')[0], "decision": "allow"}
    answer = post_form(flow.browser, "/authorize/decision", form)
    assert answer.status_code == 400
    assert Grant.objects.count() == 0


@pytest.mark.parametrize("refusal", [IntegrityError])
def test_client_that_is_in_use_at_this_moment_is_left_for_the_next_time(room_for, monkeypatch, refusal):
    room_for(1)
    registered()

    def fail(keys):
        raise refusal

    with monkeypatch.context() as patched:
        patched.setattr(unconfirmed, "_erase", fail)
        assert post(WEB).status_code == 201
    assert Client.objects.count() == 2
    registered()
    assert Client.objects.count() == 1


def test_confirming_twice_tells_once_and_a_known_client_costs_nothing(alice, conf_client, django_assert_num_queries):
    row = client_of(registered()).row
    stale = Client.objects.get(pk=row.pk)
    unconfirmed.confirm(row, user=alice, source=Source())
    unconfirmed.confirm(stale, user=alice, source=Source())
    event = AuditEvent.objects.get(event="client_confirmed")
    told = {"profile": "web", "source": "dynamic", "status": "active", "name": "Notes for Web"}
    assert told.items() <= event.detail.items()
    assert (event.detail["redirect_uris"], event.detail["scopes"]) == (["https://c.example/cb"], ["openid", "read"])
    with django_assert_num_queries(0):
        unconfirmed.confirm(conf_client.row, user=alice, source=Source())


def test_two_people_confirm_once(alice, bob):
    client = client_of(registered())
    for person in (alice, bob):
        browser = Browser()
        browser.force_login(person)
        Flow(browser).tokens(client)
    assert AuditEvent.objects.filter(event="client_confirmed").count() == 1
