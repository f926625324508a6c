"""The picker on the page that confirms a device."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import Client, DeviceCode, Grant
from tests.flow import Registered, post_form
from tests.orgs.models import Org
from tests.targets.pages import forms, press

pytestmark = pytest.mark.django_db


@pytest.fixture
def tv(db) -> Registered:
    return Registered(
        *Client.objects.register(name="TV", profile="device", scopes=["notes", "profile"], default_scopes=["notes"])
    )


def start(tv, **more):
    return post_form(a_device(), "/device_authorization", {"client_id": tv.client_id, **more})


def a_device():  # a device has no session

    return Browser()


def poll(tv, started):
    DeviceCode.objects.update(polled_at=None, previous_poll_at=None)
    return post_form(
        a_device(),
        "/token",
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": started["device_code"],
            "client_id": tv.client_id,
        },
    )


def test_the_choice_is_what_the_device_gets(flow, tv, orgs):
    started = start(tv).json()
    page = flow.browser.post("/device", {"user_code": started["user_code"]})
    form = forms(page)["op-decision"]
    assert set(form.boxes) == {f"pick.organization.{org.pk}" for org in orgs[:3]}
    done = press(flow.browser, form, decision="allow", **{f"pick.organization.{orgs[1].pk}": "on"})
    assert "Now look at your device" in done.content.decode()
    expected = [{"type": "organization", "identifiers": [str(orgs[1].pk)]}]
    assert poll(tv, started).json()["authorization_details"] == expected


def test_no_choice_and_a_forged_one_decide_nothing(flow, tv, orgs):
    started = start(tv).json()
    form = forms(flow.browser.post("/device", {"user_code": started["user_code"]}))["op-decision"]
    for choice in ({}, {f"pick.organization.{orgs[3].pk}": "on"}):
        again = press(flow.browser, form, decision="allow", **choice)
        assert 'role="alert"' in again.content.decode()
        assert not Grant.objects.exists()
        assert poll(tv, started).json()["error"] == "authorization_pending"
    press(flow.browser, forms(again)["op-decision"], decision="allow", **{f"pick.organization.{orgs[0].pk}": "on"})
    assert Grant.objects.get().targets == {"organization": [str(orgs[0].pk)]}


def test_what_the_device_asks_for_bounds_the_choice(flow, tv, orgs):
    details = f'[{{"type": "organization", "identifiers": ["{orgs[1].pk}", "{orgs[3].pk}"]}}]'
    started = start(tv, authorization_details=details).json()
    form = forms(flow.browser.post("/device", {"user_code": started["user_code"]}))["op-decision"]
    assert form.boxes == {f"pick.organization.{orgs[1].pk}": True}
    assert form.radios == []


def test_a_wrong_request_of_a_device_is_told_so(tv, orgs):
    answer = start(tv, authorization_details='[{"type": "planet"}]')
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")


def test_de4_an_address_shows_the_page_only_to_who_entered_the_code(flow, tv, alice):
    for number in range(30):
        Org.objects.create(name=f"Org {number}").members.add(alice)
    started = start(tv).json()
    address = {"user_code": started["user_code"], "find.organization": "Org 2"}
    assert "op-find-organization" not in forms(flow.browser.get("/device", address))
    form = forms(flow.browser.post("/device", {"user_code": started["user_code"]}))["op-find-organization"]
    found = press(flow.browser, form, **{"find.organization": "Org 27"})
    assert "Org 27" in found.content.decode()
    assert "Org 11" not in found.content.decode()
    assert not Grant.objects.exists()
