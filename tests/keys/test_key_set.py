"""The key set: cached as long as it may be, the same bytes until a key comes or goes, never without a key in use."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import jwt
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider.keys import jwks, rotation, store
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState
from tests.flow import machine_token, userinfo

pytestmark = pytest.mark.django_db


def _get(**headers):
    return Browser().get("/jwks", **headers)


def test_bytes_and_entity_tag_stay_until_a_key_comes_or_goes(new_process):
    first = _get()
    new_process()
    again = _get()
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    rotation.rotate()
    changed = _get()
    assert changed["ETag"] != first["ETag"]
    assert changed.content != first.content


def test_who_has_it_already_is_told_so():
    first = _get()
    assert first["Cache-Control"] == "public, max-age=3600"
    assert first["Content-Type"] == "application/jwk-set+json"
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        answer = _get(HTTP_IF_NONE_MATCH=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == first["ETag"]
        assert answer["Cache-Control"] == first["Cache-Control"]
    assert _get(HTTP_IF_NONE_MATCH='"other"').status_code == 200
    rotation.rotate()
    assert _get(HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_head_has_the_headers_and_post_is_refused():
    answer = Browser().head("/jwks")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"]
    assert Browser().post("/jwks").status_code == 405


@pytest.mark.parametrize(("published", "max_age"), [(86400, 3600), (7200, 3600), (600, 300), (0, 0)])
def test_key_set_is_never_kept_as_long_as_a_new_key_waits(configure, published, max_age):
    configure(KEY_PUBLISH_LIFETIME=published)
    assert _get()["Cache-Control"] == f"public, max-age={max_age}"


def test_c63_other_hosts_and_wishes_get_the_same_bytes():
    plain = _get()
    for headers in ({"HTTP_HOST": "localhost"}, {"HTTP_ACCEPT": "text/html"}, {"HTTP_ACCEPT_LANGUAGE": "de"}):
        assert _get(**headers).content == plain.content


def test_warm_key_set_costs_no_statement(configure):
    configure(PROCESS_CACHE_SECONDS=1)
    _get()
    with CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            _get()
    assert captured.captured_queries == []


class _Clock:
    """Time as two workers of one machine see it: sleeping takes none of ours."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def now(self) -> datetime:
        return timezone.now() + timedelta(seconds=self._ahead)

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds
        self.slept += seconds

    def go_on(self, seconds: float) -> None:
        self._ahead += seconds


class _Workers:
    """What each of two workers keeps in memory."""

    def __init__(self) -> None:
        self._kept = {}
        self._now = "a"

    def be(self, name: str) -> None:
        self._kept[self._now] = (store._rows, store._ready, jwks._written)
        store._rows, store._ready, jwks._written = self._kept.get(name, (None, set(), None))
        self._now = name


@pytest.fixture
def clock(monkeypatch, configure):
    clock = _Clock()
    monkeypatch.setattr(store, "time", SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep))
    monkeypatch.setattr(store, "timezone", SimpleNamespace(now=clock.now))
    configure(PROCESS_CACHE_SECONDS=1)
    return clock


@pytest.fixture
def workers():
    return _Workers()


def _kids() -> set[str]:
    return {key["kid"] for key in _get().json()["keys"]}


def test_new_key_signs_only_once_the_other_worker_publishes_and_accepts_it(clock, workers, flow, conf_client):
    flow.tokens(conf_client, scope="openid read")
    workers.be("b")
    before = _kids()
    workers.be("a")
    rotation.revoke(store.find_active("ES256").kid)
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    kid = jwt.get_unverified_header(token)["kid"]
    assert kid not in before
    workers.be("b")
    assert kid in _kids()
    assert userinfo(token).status_code == 200


def test_key_waits_once_and_no_longer_than_processes_keep_keys(clock, machine_client):
    machine_token(machine_client)
    assert 0 < clock.slept <= 1
    before = clock.slept
    for seconds in (0, 2):
        clock.go_on(seconds)
        machine_token(machine_client)
    assert clock.slept == before


def test_clock_that_is_ahead_where_the_key_was_made_stops_nobody(clock, machine_client):
    store.active_key("ES256")
    SigningKey.objects.update(created_at="2099-01-01T00:00Z")
    clock.go_on(2)
    for _ in range(3):
        assert machine_token(machine_client).status_code == 200
    assert clock.slept <= 1


def test_c66_revoked_key_is_dead_within_a_second_at_a_worker_that_was_not_told(clock, workers, flow, conf_client):
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    workers.be("b")
    assert userinfo(token).status_code == 200
    workers.be("a")
    rotation.revoke(jwt.get_unverified_header(token)["kid"])
    assert userinfo(token).status_code == 401
    workers.be("b")
    clock.go_on(1)
    assert userinfo(token).status_code == 401
    assert jwt.get_unverified_header(token)["kid"] not in _kids()


def test_opened_private_key_is_forgotten_with_its_row(machine_client):
    machine_token(machine_client)
    kid = store.find_active("ES256").kid
    assert kid in store._private
    rotation.revoke(kid)
    machine_token(machine_client)
    assert kid not in store._private


def test_ended_keys_have_no_private_part(machine_client):
    machine_token(machine_client)
    rotation.rotate(now=True)
    rotation.revoke(store.find_active("RS256").kid)
    ended = SigningKey.objects.filter(state__in=[KeyState.RETIRED, KeyState.REVOKED])
    assert ended.count() > 1
    assert {(bytes(row.ciphertext), row.kek_id) for row in ended} == {(b"", "")}
