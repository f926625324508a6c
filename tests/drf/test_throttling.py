"""Throttles per client, token, and client and user: counted once, told on every answer."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.urls import path
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider import limits
from oauth_provider.drf import ClientRateThrottle, ClientUserRateThrottle, HasScope, IsSessionUser, TokenRateThrottle
from oauth_provider.resource_server import rates
from oauth_provider.testing import as_app
from oauth_provider.testing.app_client import AppClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns: list[Any] = []


class Notes(APIView):
    permission_classes: Any = [HasScope("read")]

    def get(self, request: Any) -> Response:
        if "lost" in request.GET:
            raise NotFound
        return Response({})


def mount(*throttles: Any, **attributes: Any) -> str:
    route = f"view-{len(urlpatterns)}"
    kind = type("View", (Notes,), {"throttle_classes": list(throttles), **attributes})
    urlpatterns.append(path(route, kind.as_view()))
    return f"/{route}"


def at(kind: Any, rate: str) -> Any:
    return type(kind.__name__, (kind,), {"rate": rate})


# Half past an hour, and the whole minute.
NOON = 1_800_001_800.0


def set_clock(monkeypatch: Any, now: float) -> None:
    """The clock of the counters alone: tokens live by the true one."""
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now, monotonic=time.monotonic))


@pytest.fixture(autouse=True)
def _noon(monkeypatch: Any) -> None:
    """The middle of an hour, so that no window ends within a test."""
    set_clock(monkeypatch, NOON)


@pytest.fixture
def _rates(settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"oauth_client": "5/hour", "oauth_token": "3/min", "pay": "1/day", "free": None}
    }


def again(app: AppClient, user: Any) -> AppClient:
    """The same client with another token of this user."""
    return as_app(app.client, user=user, scopes="read", app=app.app)


# ── who is counted ──────────────────────────────────────────────────────────────────────────────────────────


def test_client_is_counted_whatever_the_token_and_the_person(app: Any, ada: Any, boss: Any) -> None:
    address = mount(at(ClientRateThrottle, "3/hour"))
    first = app("read")
    for caller in (first, again(first, ada), again(first, boss)):
        assert caller.get(address).status_code == 200
    assert first.get(address).status_code == 429
    assert app("read").get(address).status_code == 200


def test_token_is_counted_by_itself(app: Any, ada: Any) -> None:
    address = mount(at(TokenRateThrottle, "1/hour"))
    first = app("read")
    assert [first.get(address).status_code for _ in range(2)] == [200, 429]
    assert again(first, ada).get(address).status_code == 200


def test_client_is_counted_for_each_person(app: Any, ada: Any, boss: Any) -> None:
    """The `sub` of a person is one for all their grants to a client; here each token is a grant of its own."""
    address = mount(at(ClientUserRateThrottle, "1/hour"))
    first = app("read")
    assert [first.get(address).status_code for _ in range(2)] == [200, 429]
    assert again(first, boss).get(address).status_code == 200


def test_machine_is_counted(client: Any) -> None:
    for kind in (ClientRateThrottle, TokenRateThrottle, ClientUserRateThrottle):
        address = mount(at(kind, "1/hour"))
        machine = as_app(client, scopes="read")
        assert [machine.get(address).status_code for _ in range(2)] == [200, 429]


def test_views_share_the_bucket(app: Any) -> None:
    limited = at(ClientRateThrottle, "2/hour")
    one, other = mount(limited), mount(limited)
    caller = app("read")
    assert [caller.get(address).status_code for address in (one, other, one)] == [200, 200, 429]


def test_same_client_id_of_another_issuer_is_another_client(app: Any, ada: Any) -> None:
    from dataclasses import replace

    from oauth_provider.resource_server import own

    access = own.verify(app("read").token)
    rate = rates.parse("1/hour")
    assert not rates.spend(rate, access=access, counted="oauth_client").over
    assert rates.spend(rate, access=access, counted="oauth_client").over
    foreign = replace(access, issuer="https://other.example")
    assert not rates.spend(rate, access=foreign, counted="oauth_client").over


def test_request_without_a_token_is_not_counted_and_told_nothing(client: Any, ada: Any) -> None:
    address = mount(at(ClientRateThrottle, "1/hour"), permission_classes=[AllowAny | IsSessionUser])
    client.force_login(ada)
    for _ in range(3):
        response = client.get(address)
        assert response.status_code == 200
        assert "RateLimit" not in response.headers


def test_refused_token_is_not_counted(app: Any) -> None:
    address = mount(at(ClientRateThrottle, "1/hour"))
    caller = app("write")
    for _ in range(3):
        response = caller.get(address)
        assert response.status_code == 403
        assert "RateLimit" not in response.headers


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_tells_what_is_left(app: Any) -> None:
    address = mount(at(ClientRateThrottle, "3/hour"))
    caller = app("read")
    first, lost, last, over = (caller.get(f"{address}{query}") for query in ("", "?lost", "", ""))
    assert [answer.status_code for answer in (first, lost, last, over)] == [200, 404, 200, 429]
    for answer, left in ((first, 2), (lost, 1), (last, 0), (over, 0)):
        assert answer.headers["RateLimit-Policy"] == '"oauth_client";q=3;w=3600'
        assert answer.headers["RateLimit"] == f'"oauth_client";r={left};t=1800'


def test_429_says_when_to_come_again_and_why(app: Any) -> None:
    address = mount(at(ClientRateThrottle, "1/hour"))
    caller = app("read")
    caller.get(address)
    response = caller.get(address)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1800"
    assert response.json() == {
        "detail": "Too many requests. Try again in 1800 seconds.",
        "code": "throttled",
        "retry_after": 1800,
        "policies": ["oauth_client"],
    }
    assert response.headers["Cache-Control"] == "private, no-store"


def test_several_throttles_are_told_together_and_all_counted(app: Any) -> None:
    address = mount(at(ClientRateThrottle, "10/hour"), at(TokenRateThrottle, "1/min"))
    caller = app("read")
    response = caller.get(address)
    assert response.headers["RateLimit-Policy"] == '"oauth_client";q=10;w=3600, "oauth_token";q=1;w=60'
    assert response.headers["RateLimit"] == '"oauth_client";r=9;t=1800, "oauth_token";r=0;t=60'
    over = caller.get(address)
    assert over.status_code == 429
    assert over.json()["policies"] == ["oauth_token"]
    assert over.headers["Retry-After"] == "60"
    assert over.headers["RateLimit"].startswith('"oauth_client";r=8')


def test_next_window_begins_afresh(app: Any, monkeypatch: Any) -> None:
    address = mount(at(ClientRateThrottle, "1/hour"))
    caller = app("read")
    assert [caller.get(address).status_code for _ in range(2)] == [200, 429]
    set_clock(monkeypatch, NOON + 1800)
    assert caller.get(address).status_code == 200


# ── rates ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("_rates")
def test_rate_comes_from_the_settings(app: Any) -> None:
    response = app("read").get(mount(ClientRateThrottle, TokenRateThrottle))
    assert response.headers["RateLimit-Policy"] == '"oauth_client";q=5;w=3600, "oauth_token";q=3;w=60'


@pytest.mark.usefixtures("_rates")
def test_throttle_scope_has_its_own_rate_and_bucket(app: Any) -> None:
    paying, other = mount(ClientRateThrottle, throttle_scope="pay"), mount(ClientRateThrottle)
    caller = app("read")
    response = caller.get(paying)
    assert response.headers["RateLimit-Policy"] == '"oauth_client:pay";q=1;w=86400'
    assert caller.get(paying).status_code == 429
    assert caller.get(other).headers["RateLimit"] == '"oauth_client";r=4;t=1800'


@pytest.mark.usefixtures("_rates")
def test_rate_of_none_is_no_limit(app: Any) -> None:
    response = app("read").get(mount(ClientRateThrottle, throttle_scope="free"))
    assert response.status_code == 200
    assert "RateLimit" not in response.headers


@pytest.mark.usefixtures("_rates")
@pytest.mark.parametrize("scope", ["", "unknown"])
def test_rate_that_is_nowhere_is_improperly_configured(app: Any, scope: str) -> None:
    address = mount(ClientUserRateThrottle, throttle_scope=scope)
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_THROTTLE_RATES"):
        app("read").get(address)


@pytest.mark.parametrize(
    ("rate", "requests", "window"), [("1/s", 1, 1), ("20/minute", 20, 60), ("0/hour", 0, 3600), (" 5 / day ", 5, 86400)]
)
def test_rates_are_written_as_in_the_framework(rate: str, requests: int, window: int) -> None:
    assert rates.parse(rate) == rates.Rate(requests, window)


@pytest.mark.parametrize("rate", ["", "5", "5/", "5/year", "-5/hour", "many/hour", "5.5/hour", "\u0665/hour"])
def test_what_is_no_rate_is_improperly_configured(rate: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        rates.parse(rate)


def test_name_of_a_policy_cannot_break_out_of_the_header() -> None:
    spent = rates.Spent('a"b\\c\r\nSet-Cookie: x', rates.Rate(1, 60), 1, 5, over=False)
    assert rates.headers([spent])["RateLimit"] == '"a\\"b\\\\cSet-Cookie: x";r=1;t=5'


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_requests_at_once_are_all_counted(app: Any, settings: Any, backend: str) -> None:
    from oauth_provider.resource_server import own

    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    access, rate = own.verify(app("read").token), rates.parse("1000/hour")

    def spend() -> None:
        for _ in range(50):
            rates.spend(rate, access=access, counted="oauth_client")

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rates.spend(rate, access=access, counted="oauth_client").remaining == 1000 - 201


def test_cache_that_is_down_limits_each_process(app: Any, monkeypatch: Any) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(type(cache._connections[cache._alias]), "incr", down)
    monkeypatch.setattr(type(cache._connections[cache._alias]), "add", down)
    address = mount(at(ClientRateThrottle, "1/hour"))
    caller = app("read")
    assert [caller.get(address).status_code for _ in range(2)] == [200, 429]


def test_throttles_cost_no_statement(app: Any, django_assert_num_queries: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"PROCESS_CACHE_SECONDS": 60}
    address = mount(
        at(ClientRateThrottle, "9/hour"), at(TokenRateThrottle, "9/hour"), at(ClientUserRateThrottle, "9/h")
    )
    caller = app("read")
    caller.get(address)
    with django_assert_num_queries(1):
        assert caller.get(address).status_code == 200
