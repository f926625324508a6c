"""Registrations per address and hour, and how much refusals leave behind (IS4)."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider import limits
from oauth_provider.clients import refusals
from oauth_provider.models import AuditEvent, Client
from tests.register import WEB, bearer, get, path_of, post, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


NOW = 1_700_000_000


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch):
    """No hour and no minute ends within a test."""
    monkeypatch.setattr(limits.time, "time", lambda: float(NOW))


@pytest.fixture
def three_an_hour(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "REGISTRATIONS_PER_HOUR": 3}


def test_IS4_fourth_registration_of_an_hour_is_429_with_the_seconds_to_wait(three_an_hour):
    for _ in range(3):
        registered()
    response = post(WEB)
    assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")
    assert int(response["Retry-After"]) == limits.HOUR - NOW % limits.HOUR
    assert response["Cache-Control"] == "no-store"
    assert Client.objects.count() == 3


def test_IS4_refused_ones_count_and_beyond_the_limit_nothing_is_looked_at(three_an_hour, django_assert_num_queries):
    for document in ("nonsense", {}, WEB):
        post(document)
    # Not even the token: one event, which the next test bounds.
    with django_assert_num_queries(1):
        assert post(WEB, "op_ia_" + "0" * 49).status_code == 429


def test_IS4_another_address_may_and_the_next_hour_too(three_an_hour, monkeypatch):
    for _ in range(4):
        post(WEB)
    assert post(WEB, REMOTE_ADDR="192.0.2.7").status_code == 201
    monkeypatch.setattr(limits.time, "time", lambda: float(NOW + limits.HOUR))
    assert post(WEB).status_code == 201


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:0db8:0000:0000:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("nonsense", "nonsense", True),
        ("", "nonsense", False),
    ],
)
def test_IS4_an_IPv6_subnet_is_one_sender(three_an_hour, first, second, is_one):
    for _ in range(3):
        post(WEB, REMOTE_ADDR=first)
    assert (post(WEB, REMOTE_ADDR=second).status_code == 429) is is_one


def test_IS4_changes_are_counted_by_themselves(three_an_hour):
    answer = registered()
    for _ in range(3):
        response = put(answer)
        answer = response.json()
    assert put(answer).status_code == 429
    assert get(answer).status_code == 200
    registered()


def test_refusals_leave_few_events_per_address_and_minute(settings):
    for _ in range(2 * refusals.EVENTS_PER_ADDRESS):
        post("nonsense")
    assert AuditEvent.objects.filter(event="registration_refused").count() == refusals.EVENTS_PER_ADDRESS


def test_a_line_of_the_log_cannot_be_forged(caplog):
    post({**WEB, "redirect_uris": ["x:\nregistration refused: forged"]})
    (record,) = [each for each in caplog.records if each.name == "oauth_provider.registration"]
    assert "forged" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_refusals_from_everywhere_leave_few_events_per_minute(monkeypatch):
    for number in range(2 * refusals.EVENTS_IN_ALL):
        post("nonsense", REMOTE_ADDR=f"192.0.2.{number}")
    assert AuditEvent.objects.count() == refusals.EVENTS_IN_ALL
    monkeypatch.setattr(limits.time, "time", lambda: float(NOW + 60))
    post("nonsense")
    assert AuditEvent.objects.count() == refusals.EVENTS_IN_ALL + 1


def test_wrong_tokens_at_a_registration_are_told_too():
    answer = registered()
    Browser().get(path_of(answer), **bearer("op_ra_" + "0" * 49))
    event = AuditEvent.objects.get()
    assert (event.event, event.client_id) == ("registration_refused", answer["client_id"])


def test_window_is_counted_in_the_process_when_the_cache_is_a_dummy(three_an_hour, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for _ in range(3):
        registered()
    assert post(WEB).status_code == 429


@pytest.mark.parametrize("key", ["two words", "nul\x00inside", "ü", "x" * 300])
def test_every_key_is_counted_in_the_cache_whatever_cache_it_is(key, caplog):
    """memcached knows no spaces, control characters and long keys; what it refuses would be counted per process."""
    assert [limits.count(key) for _ in range(2)] == [1, 2]
    limits._local.clear()
    assert limits.count(key) == 3
    assert limits.failures(key) == 3
    assert not caplog.records
