"""DP5: a proof is used once. RFC 9449 §8, §9: the nonce."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import DatabaseError

from oauth_provider.models import UsedJti
from oauth_provider.sender_constraint import nonce
from tests.resource_server.dpop.sending import (
    EACH_DOOR,
    assert_let_in,
    assert_refused,
    setting,
    show,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@pytest.mark.usefixtures("warm_keys")
@EACH_DOOR
def test_DPoP_costs_one_statement_more(bound: Any, address: str, django_assert_num_queries: Any) -> None:
    bound.get(address)
    with django_assert_num_queries(2):
        assert_let_in(bound.get(address))


@pytest.mark.usefixtures("warm_keys")
def test_DP5_proof_that_is_wrong_leaves_no_row(bound: Any, django_assert_num_queries: Any) -> None:
    bound.get("/notes")
    with django_assert_num_queries(1):
        show(bound, "/notes", claims={"htm": "PUT"})
    assert UsedJti.objects.count() == 1


def test_DP5_row_lives_a_little_longer_than_its_proof(bound: Any) -> None:
    now = int(time.time())
    show(bound, "/notes", claims={"iat": now})
    ends = UsedJti.objects.get().expires_at.timestamp()
    assert now + 60 + 30 < ends < now + 60 + 30 + 60


@EACH_DOOR
def test_DP5_store_that_fails_lets_nobody_in(bound: Any, address: str, monkeypatch: Any, caplog: Any) -> None:
    def fail(*_: Any, **__: Any) -> bool:
        raise DatabaseError("no such table")

    monkeypatch.setattr(type(UsedJti.objects), "use", fail)
    assert_refused(bound.get(address), "cannot_check")
    assert "cannot be checked for repetition" in caplog.text


@EACH_DOOR
def test_DP1_nonce_is_asked_for_and_then_accepted(bound: Any, address: str, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    response = bound.get("/notes")
    assert_refused(response, "nonce_needed", "use_dpop_nonce")
    bound.nonce = response.headers["DPoP-Nonce"]
    assert response.headers["Cache-Control"] == "private, no-store"
    response = bound.get(address)
    assert_let_in(response)
    # It is good for a while yet, and for more than one request.
    assert "DPoP-Nonce" not in response.headers
    assert_let_in(bound.get(address))


@pytest.mark.parametrize("address", ["/notes", "/plain", "/class"])
def test_nonce_comes_with_each_way_of_asking(bound: Any, address: str, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    response = bound.get(address)
    assert_refused(response, "nonce_needed", "use_dpop_nonce")
    assert nonce.seconds_left(response.headers["DPoP-Nonce"]) > 290


@EACH_DOOR
def test_nonce_about_to_end_is_followed_by_the_next_one(
    bound: Any, address: str, settings: Any, monkeypatch: Any
) -> None:
    setting(settings, DPOP_NONCE=True)
    bound.nonce = made_ago(250, monkeypatch)
    response = bound.get(address)
    assert_let_in(response)
    assert nonce.seconds_left(response.headers["DPoP-Nonce"]) > 290


def made_ago(seconds: int, monkeypatch: Any) -> str:
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(nonce.time, "time", lambda: now - seconds)
        return nonce.make()


@EACH_DOOR
@pytest.mark.parametrize("value", ["", "x", "A" * 32, "ünï", "\ud800", 5, ["x"], "old", "altered"])
def test_DP1_nonce_that_is_old_or_none_of_ours_is_refused(
    bound: Any, address: str, value: Any, settings: Any, monkeypatch: Any
) -> None:
    setting(settings, DPOP_NONCE=True)
    if value == "old":
        value = made_ago(301, monkeypatch)
    elif value == "altered":
        value = nonce.make()[:-2] + "AA"
    assert_refused(show(bound, address, claims={"nonce": value}), "nonce_needed", "use_dpop_nonce")
    assert not UsedJti.objects.exists()


def test_nonce_outlives_a_change_of_secret_key_by_the_fallbacks(bound: Any, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    given = nonce.make()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    assert nonce.seconds_left(given) > 290
    settings.SECRET_KEY_FALLBACKS = []
    assert nonce.seconds_left(given) == 0


def test_nonce_is_not_asked_for_without_the_setting(bound: Any) -> None:
    assert_let_in(show(bound, "/notes", claims={"nonce": "whatever"}))
