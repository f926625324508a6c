"""Clients that registered themselves and that nobody has allowed: bounded, for a while, without a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import Application

from oauth_provider import limits
from oauth_provider.models import AuditEvent, Client, Grant
from tests.documents.published import Ask, events
from tests.flow import post_form

pytestmark = pytest.mark.django_db


def test_device_confirms_too(device_client, alice, flow):
    Client.objects.filter(pk=device_client.row.pk).update(unconfirmed_until=timezone.now() + timedelta(hours=1))
    asked = post_form(Browser(), "/device_authorization", {"client_id": device_client.client_id}).json()
    for decision in ({}, {"decision": "allow"}):
        assert post_form(flow.browser, "/device", {"user_code": asked["user_code"], **decision}).status_code == 200
    device_client.row.refresh_from_db()
    assert device_client.row.unconfirmed_until is None
    assert AuditEvent.objects.get(event="client_confirmed").user_id == str(alice.pk)


def test_abandoned_clients_leave_no_more_than_the_bound_and_no_events(publish, flow, change):
    change(UNCONFIRMED_CLIENTS=5)
    document = publish("https://one.agents.example/0")
    for number in range(40):
        document.client_id = f"https://one.agents.example/{number}"
        limits.forget()
        limits.cache.clear()
        assert flow.authorize(Ask(document.client_id, "https://one.agents.example/cb")).status_code == 200
        assert Client.objects.count() <= 5
    kept = sorted(Client.objects.values_list("application__client_id", flat=True))
    assert kept == sorted(f"https://one.agents.example/{number}" for number in range(35, 40))
    assert Application.objects.count() == 5
    assert events() == []


def test_confirmed_clients_are_not_counted_and_stay(publish, flow, change):
    change(UNCONFIRMED_CLIENTS=1)
    document = publish("https://one.agents.example/0")
    for number in range(4):
        document.client_id = f"https://one.agents.example/{number}"
        flow.authorize(Ask(document.client_id, "https://one.agents.example/cb"))
        if number < 2:
            flow.tokens(document.registered)
    kept = sorted(Client.objects.values_list("application__client_id", flat=True))
    assert kept == [f"https://one.agents.example/{number}" for number in (0, 1, 3)]
    assert Grant.objects.count() == 2


def test_client_whose_time_is_up_goes_with_the_next_registration_or_the_clean_up(publish, flow, capsys):
    document = publish("https://one.agents.example/0")
    for number in range(3):
        document.client_id = f"https://one.agents.example/{number}"
        flow.authorize(Ask(document.client_id, "https://one.agents.example/cb"))
        Client.objects.filter(pk=document.row.pk).update(unconfirmed_until=timezone.now() - timedelta(seconds=1))
    assert Client.objects.count() == 1
    call_command("oauth_clear_expired", "--dry-run")
    assert "clients: 1 would go" in capsys.readouterr().out
    call_command("oauth_clear_expired")
    assert "clients: 1 deleted" in capsys.readouterr().out
    assert not Client.objects.exists()
    assert not Application.objects.exists()
