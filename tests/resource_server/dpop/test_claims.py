"""DP1, C53: the claims of a proof, one after the other."""

from __future__ import annotations

import time
from typing import Any

import pytest

from oauth_provider.models import UsedJti
from oauth_provider.testing import as_app
from tests.resource_server.dpop.sending import (
    EACH_DOOR,
    HERE,
    assert_let_in,
    assert_refused,
    send,
    setting,
    show,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@EACH_DOOR
def test_DP1_C53_request_without_a_proof_is_refused(bound: Any, address: str) -> None:
    assert_refused(send(bound.client, address, token=bound.token, proof=None), "no_proof")
    assert_refused(send(bound.client, address, token=bound.token, proof=""), "no_proof")


@EACH_DOOR
def test_DP1_two_proofs_in_one_request_are_refused(bound: Any, address: str) -> None:
    made = [bound.prover.proof("GET", HERE + address, token=bound.token) for _ in range(2)]
    # As servers hand over a header that is sent twice (RFC 9110 §5.3).
    assert_refused(send(bound.client, address, token=bound.token, proof=", ".join(made)), "bad_proof")


@EACH_DOOR
def test_DP1_C53_proof_that_is_sent_again_is_refused(bound: Any, address: str) -> None:
    made = bound.prover.proof("GET", HERE + address, token=bound.token)
    assert_let_in(send(bound.client, address, token=bound.token, proof=made))
    assert_refused(send(bound.client, address, token=bound.token, proof=made), "repeated")
    assert UsedJti.objects.count() == 1


@EACH_DOOR
@pytest.mark.parametrize(
    "other",
    [
        "http://testserver/other",
        "http://testserver",
        "https://testserver{0}",
        "http://elsewhere.example{0}",
        "http://testserver:8000{0}",
        "http://testserver{0}/",
        "http://user@testserver{0}",
        "{0}",
        "//testserver{0}",
        "",
        None,
        5,
        ["http://testserver{0}"],
        "http://[::1{0}",
        "http://testserver:x{0}",
    ],
)
def test_DP1_C53_proof_for_another_address_is_refused(bound: Any, address: str, other: Any) -> None:
    claimed = other.format(address) if isinstance(other, str) else other
    assert_refused(show(bound, address, claims={"htu": claimed}), "other_request")


@EACH_DOOR
@pytest.mark.parametrize("method", ["POST", "get", "", None, 5])
def test_DP1_C53_proof_for_another_method_is_refused(bound: Any, address: str, method: Any) -> None:
    assert_refused(show(bound, address, claims={"htm": method}), "other_request")


@EACH_DOOR
@pytest.mark.parametrize("ath", ["", None, 5, "a" * 43, "ünï", "\ud800"])
def test_DP1_C53_proof_for_another_token_is_refused(bound: Any, address: str, ath: Any) -> None:
    assert_refused(show(bound, address, claims={"ath": ath}), "other_token")


@EACH_DOOR
@pytest.mark.parametrize(("seconds", "is_fresh"), [(-95, False), (-85, True), (0, True), (25, True), (35, False)])
def test_DP1_C53_proof_is_good_for_a_minute_and_the_allowance_for_clocks(
    bound: Any, address: str, seconds: int, is_fresh: bool
) -> None:
    response = show(bound, address, claims={"iat": int(time.time()) + seconds})
    if is_fresh:
        assert_let_in(response)
    else:
        assert_refused(response, "not_fresh")


def test_DP1_lifetime_of_a_proof_is_a_setting(bound: Any, settings: Any) -> None:
    setting(settings, DPOP_PROOF_LIFETIME=10, CLOCK_SKEW=0)
    assert_refused(show(bound, "/notes", claims={"iat": int(time.time()) - 20}), "not_fresh")
    assert_let_in(show(bound, "/notes", claims={"iat": int(time.time()) - 5}))


@EACH_DOOR
@pytest.mark.parametrize("iat", [None, "now", True, [1], {}])
def test_DP1_iat_is_a_number(bound: Any, address: str, iat: Any) -> None:
    assert_refused(show(bound, address, claims={"iat": iat}), "bad_proof")


@pytest.mark.parametrize("iat", [float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 0])
def test_DP1_iat_out_of_all_bounds_is_refused(bound: Any, iat: Any) -> None:
    assert_refused(show(bound, "/notes", claims={"iat": iat}), "not_fresh")


@EACH_DOOR
@pytest.mark.parametrize("jti", [None, "", 5, ["x"]])
def test_DP1_proof_without_a_name_of_its_own_is_refused(bound: Any, address: str, jti: Any) -> None:
    assert_refused(show(bound, address, claims={"jti": jti}), "bad_proof")


@pytest.mark.parametrize("jti", ["\x00", "\ud800", "x" * 2000, "'; DROP TABLE x; --"])
def test_DP1_any_text_may_be_its_name(bound: Any, jti: str) -> None:
    assert_let_in(show(bound, "/notes", claims={"jti": jti}))
    assert_refused(show(bound, "/notes", claims={"jti": jti}), "repeated")


def test_DP1_two_senders_may_choose_the_same_name(bound: Any, client: Any, ada: Any) -> None:
    another = as_app(client, user=ada, scopes="read", dpop=True)
    assert_let_in(show(bound, "/notes", claims={"jti": "1"}))
    assert_let_in(show(another, "/notes", claims={"jti": "1"}))
