"""The device page: the same choices, and the same second page, as where apps redirect to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from oauth_provider.clients import change
from oauth_provider.models import Client, Consent, DeviceCode, Grant
from oauth_provider.values import RegistrationSource
from tests.flow import Flow, Registered, post_form
from tests.people.conftest import fields_of, send, text_of

pytestmark = pytest.mark.django_db

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def tv(db: None) -> Registered:
    row, secret = Client.objects.register(
        name="TV", profile="device", scopes=["read", "notes:share", "pay"], default_scopes=["read"]
    )
    change.change(row, optional_scopes=["notes:share"], purposes={"read": "To show them on the wall."})
    return Registered(row, secret)


def started(tv: Registered, scope: str) -> dict[str, Any]:
    answer = post_form(Browser(), "/device_authorization", {"client_id": tv.client_id, "scope": scope})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def confirm_page(flow: Flow, begun: dict[str, Any]) -> Any:
    return post_form(flow.browser, "/device", {"user_code": begun["user_code"]})


def polled(tv: Registered, begun: dict[str, Any]) -> Any:
    DeviceCode.objects.update(previous_poll_at=None, polled_at=None)
    sent = {"grant_type": DEVICE_CODE, "client_id": tv.client_id, "device_code": begun["device_code"]}
    return post_form(Browser(), "/token", sent)


@pytest.mark.parametrize(("ticks", "granted"), [((), "read"), (("notes:share",), "read notes:share")])
def test_device_gets_what_was_chosen(flow: Flow, tv: Registered, ticks: Any, granted: str) -> None:
    begun = started(tv, "read notes:share")
    page = confirm_page(flow, begun)
    assert "TV says: To show them on the wall." in text_of(page)
    assert "scope.notes:share" not in fields_of(page)
    done = send(flow.browser, page, ticks=ticks, path="/device")
    assert "Now look at your device" in text_of(done)
    assert polled(tv, begun).json()["scope"] == granted
    assert sorted(Consent.objects.get().scopes) == sorted(granted.split())


def test_nothing_chosen_asks_again_and_the_code_stays_good(flow: Flow, tv: Registered) -> None:
    begun = started(tv, "notes:share")
    page = send(flow.browser, confirm_page(flow, begun), path="/device")
    assert page.status_code == 400
    assert "Choose at least one permission, or deny." in text_of(page)
    assert polled(tv, begun).json()["error"] == "authorization_pending"
    send(flow.browser, page, ticks=("notes:share",), path="/device")
    assert polled(tv, begun).json()["scope"] == "notes:share"


def test_sensitive_permission_of_a_device_app_nobody_checked_is_asked_twice(flow: Flow, tv: Registered) -> None:
    Client.objects.filter(pk=tv.row.pk).update(registration_source=RegistrationSource.DYNAMIC)
    begun = started(tv, "read pay notes:share")
    again = send(flow.browser, confirm_page(flow, begun), ticks=("notes:share",), path="/device")
    assert "Are you sure about TV?" in text_of(again)
    assert not Grant.objects.exists()
    assert polled(tv, begun).json()["error"] == "authorization_pending"
    done = send(flow.browser, again, path="/device")
    assert "Now look at your device" in text_of(done)
    assert polled(tv, begun).json()["scope"] == "read pay notes:share"


def test_sensitive_permission_can_be_refused_on_the_second_page(flow: Flow, tv: Registered) -> None:
    Client.objects.filter(pk=tv.row.pk).update(registration_source=RegistrationSource.DYNAMIC)
    begun = started(tv, "pay")
    again = send(flow.browser, confirm_page(flow, begun), path="/device")
    assert "Not connected" in text_of(send(flow.browser, again, "deny", path="/device"))
    assert polled(tv, begun).json()["error"] == "access_denied"


def test_new_permission_is_marked_on_a_second_device(flow: Flow, tv: Registered) -> None:
    send(flow.browser, confirm_page(flow, started(tv, "read")), path="/device")
    text = text_of(confirm_page(flow, started(tv, "read pay")))
    assert "You have allowed TV before." in text
    assert "Pay in your name Sensitive New" in text
