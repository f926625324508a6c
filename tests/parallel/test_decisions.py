"""A decision is made once: two clicks, two polls, two people at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from oauth_provider.models import AuthorizationCode, Client, Consent, DeviceCode, Grant, RefreshToken
from tests.flow import Flow, Registered, field_of, post_form
from tests.parallel.rig import at_once, browser, post, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def _same_browser(flow):
    tab = browser()
    tab.cookies = flow.browser.cookies
    return tab


@pytest.fixture
def tv(keys) -> Registered:
    return Registered(*Client.objects.register(name="TV", profile="device", scopes=["read"], default_scopes=["read"]))


def test_clicks_at_once_are_one_decision_and_one_code(database, flow, client):
    client.row.first_party = False
    client.row.save(update_fields=["first_party"])
    form = {"request": field_of(flow.authorize(client), "request"), "decision": "allow"}
    responses = at_once([lambda: post_form(_same_browser(flow), "/authorize/decision", form)] * 8)
    assert statuses(responses) == [303] * 8
    assert len({r["Location"] for r in responses}) == 1
    assert (Grant.objects.count(), AuthorizationCode.objects.count(), Consent.objects.count()) == (1, 1, 1)


def test_polls_at_once_of_an_allowed_device_have_one_winner(database, flow, tv):
    started = post("/device_authorization", {"client_id": tv.client_id}).json()
    flow.browser.post("/device", {"user_code": started["user_code"]})
    flow.browser.post("/device", {"user_code": started["user_code"], "decision": "allow"})
    DeviceCode.objects.update(interval=0, polled_at=timezone.now() - timedelta(minutes=1))
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": started["device_code"],
        "client_id": tv.client_id,
    }
    responses = at_once([partial(post, "/token", form)] * 8)
    assert statuses(responses) == [200] + [400] * 7
    assert RefreshToken.objects.count() == 1


def test_c45_two_people_who_enter_one_user_code_at_once_are_one_grant(database, flow, tv):
    started = post("/device_authorization", {"client_id": tv.client_id}).json()
    other = Flow()
    other.browser.force_login(get_user_model().objects.create_user("bob", "bob@people.example", "bob-password"))

    def allow(person):
        tab = _same_browser(person)
        tab.post("/device", {"user_code": started["user_code"]})
        return tab.post("/device", {"user_code": started["user_code"], "decision": "allow"})

    responses = at_once([partial(allow, person) for person in (flow, other, flow, other)])
    assert {r.status_code for r in responses} <= {200, 400}
    assert Grant.objects.count() == 1
    assert DeviceCode.objects.get().user_id == Grant.objects.get().user_id
