"""Logout deliveries in the admin: dead letters are seen and tried again, by who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from oauth_provider.models import AuditEvent, Client, LogoutDelivery

LIST = "/admin/oauth_provider/logoutdelivery/"


def due(client: Client, sid: str) -> LogoutDelivery:
    before = timezone.now() - timedelta(seconds=1)
    return LogoutDelivery.objects.create(client=client, sid=sid, sub="u_1", next_try_at=before)


@pytest.fixture
def dead(web: Client) -> LogoutDelivery:
    delivery = due(web, "s1")
    assert delivery.take(lease=0)
    delivery.give_up(error="it answered 400")
    return delivery


def repeat(browser: Any, *deliveries: LogoutDelivery) -> Any:
    chosen = [delivery.pk for delivery in deliveries]
    return browser.post(LIST, {"action": "repeat", "_selected_action": chosen}, follow=True)


def state_of(delivery: LogoutDelivery) -> tuple[str, int]:
    delivery.refresh_from_db()
    return delivery.state, delivery.tries


def test_list_says_who_could_not_be_told_and_why(browser: Any, dead: LogoutDelivery) -> None:
    page = browser.get(LIST).content.decode()
    for words in ("Notes", "Given up", "it answered 400"):
        assert words in page


def test_dead_letter_is_tried_again_with_all_its_tries(browser: Any, dead: LogoutDelivery) -> None:
    assert "1 is tried again." in repeat(browser, dead).content.decode()
    assert state_of(dead) == ("waiting", 0)
    assert AuditEvent.objects.get(event="logout_repeated").actor == "root"


def test_what_waits_or_was_delivered_is_left_alone(browser: Any, web: Client) -> None:
    waiting = due(web, "s2")
    assert waiting.take(lease=60)
    assert "0 are tried again." in repeat(browser, waiting).content.decode()
    assert state_of(waiting) == ("waiting", 1)
    assert not AuditEvent.objects.filter(event="logout_repeated").exists()


def test_who_may_only_look_tries_nothing(staff: Any, dead: LogoutDelivery) -> None:
    repeat(staff("repeat_logoutdelivery"), dead)
    assert state_of(dead) == ("dead", 1)
