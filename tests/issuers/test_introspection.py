"""Opaque tokens: the issuer is asked once, believed for a short while, and nothing enters when it cannot be (RS8)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from oauth_provider.resource_server.issuers import fetching, introspection
from oauth_provider.testing import FakeIssuer
from tests.issuers.conftest import PRESETS


class Clock:
    """`time` as the kept answers see it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.passed

    def time(self) -> float:
        return time.time() + self.passed


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(introspection, "time", made)
    return made


@pytest.fixture
def asked(issuer, trust):
    """The site asks this issuer about opaque tokens; with further settings of `introspection`."""

    def _asked(site=None, **more):
        trust(issuer, introspection=issuer.introspection(**more), site=site)
        return issuer

    return _asked


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "cognito"])
@pytest.mark.parametrize("door", ["/notes", "/plain", "/middleware"])
def test_opaque_token_enters_and_is_asked_about_once(asked, call, door):
    issuer = asked()
    value = issuer.opaque(sub="u-7", scope="read write")
    for _ in range(3):
        said = call(value, door).json()
    assert (said["subject"], said["client"], said["kind"]) == ("u-7", "fake-app", "opaque")
    assert {"read", "write"} <= set(said["scopes"])
    assert issuer.requests == {"metadata": 1, "introspection": 1}


def test_RS8_revoked_token_is_refused_within_the_time_an_answer_is_kept(asked, call, clock):
    issuer = asked(seconds=20)
    value = issuer.opaque()
    assert call(value).status_code == 200
    issuer.revoke(value)
    clock.passed = 19
    assert call(value).status_code == 200
    clock.passed = 21
    assert call(value).status_code == 401


def test_RS8_answer_is_not_kept_longer_than_the_token_lives(asked, call, clock):
    issuer = asked()
    value = issuer.opaque(expires_in=5)
    assert call(value).status_code == 200
    clock.passed = 6
    assert call(value).json()["reason"] in {"expired", "unknown"}


def test_RS8_unknown_token_is_asked_about_once_in_ten_seconds(asked, call, clock):
    issuer = asked()
    for _ in range(5):
        assert call("nobody-knows-me").status_code == 401
    assert issuer.requests["introspection"] == 1
    clock.passed = 11
    call("nobody-knows-me")
    assert issuer.requests["introspection"] == 2


@pytest.mark.parametrize("knows", [True, False])
def test_RS8_32_threads_with_one_token_ask_once(asked, call, knows):
    issuer = asked()
    issuer.introspection_delay = 0.2
    value = issuer.opaque() if knows else "nobody-knows-me"
    gate = threading.Barrier(32)

    def enter(_) -> int:
        gate.wait()
        return call(value, "/plain").status_code

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(enter, range(32))) == {200 if knows else 401}
    assert issuer.requests["introspection"] == 1


@pytest.mark.parametrize("door", ["/notes", "/plain", "/plain-async"])
def test_RS8_issuer_that_is_down_lets_nobody_in_and_takes_no_good_token_away(asked, call, told, door):
    issuer = asked()
    issuer.down()
    value = issuer.opaque()
    answer = call(value, door)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert call(value, "/middleware").json() == {"none": True}
    assert "nothing is believed" in told() or "cannot be fetched" in told()


def test_RS8_issuer_that_does_not_answer_in_time_is_not_waited_for(asked, call, monkeypatch):
    monkeypatch.setattr(introspection, "TOTAL_SECONDS", 0.3)
    issuer = asked()
    assert call(issuer.opaque()).status_code == 200
    issuer.introspection_delay = 5
    begin = time.monotonic()
    assert call(issuer.opaque()).status_code == 503
    assert time.monotonic() - begin < 4
    issuer.introspection_delay = 0
    # Left alone for a moment, so that requests do not queue up for an answer that does not come.
    before = issuer.requests["introspection"]
    assert call(issuer.opaque()).status_code == 503
    assert issuer.requests["introspection"] == before
    monkeypatch.setattr(fetching, "SPARED_SECONDS", 0)
    assert call(issuer.opaque()).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"active": "true"}, {"active": 1}, {"active": None}, {"error": "x"}, [], "x",
    ],
)  # fmt: skip
def test_RS8_answer_of_a_wrong_form_is_no_answer(asked, call, answer):
    issuer = asked()
    issuer.introspection_answer = answer
    assert call("some-token").status_code == 503


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"active": False}, "unknown"),
        ({"iss": "https://other.example"}, "other_issuer"),
        ({"aud": "https://other.example"}, "wrong_audience"),
        ({"aud": None}, "wrong_audience"),
        ({"exp": 1}, "expired"),
        ({"exp": "x"}, "unknown"),
        ({"nbf": time.time() + 900}, "unknown"),
        ({"token_type": "refresh_token"}, "unknown"),
        ({"token_type": None}, "unknown"),
        ({"token_use": "refresh_token"}, "unknown"),
        ({"client_id": None}, "unknown"),
        ({"cnf": {"jkt": "x"}}, "bound"),
        ({"token_type": "DPoP"}, "binding"),
    ],
)
def test_active_is_not_enough(asked, call, claims, reason):
    issuer = asked()
    given = {"active": True, "token_type": "Bearer", **issuer.claims(), **claims}
    issuer.introspection_answer = {name: value for name, value in given.items() if value is not None}
    answer = call("some-token")
    assert (answer.status_code, answer.json()["reason"]) == (401, reason)


def test_server_that_never_says_the_type_of_a_token_must_be_named(asked, call):
    issuer = asked(token_type="optional")
    issuer.introspection_answer = {"active": True, **issuer.claims()}
    assert call("some-token").status_code == 200


def test_machine_without_sub_is_the_client_itself(asked, call):
    issuer = asked()
    issuer.introspection_answer = {
        "active": True,
        "token_type": "Bearer",
        **issuer.claims(machine=True, extra={"sub": None}),
    }
    said = call("some-token").json()
    assert (said["subject"], said["is_machine"]) == ("fake-app", True)


def test_actor_and_exp_of_an_answer_are_honoured(asked, call):
    issuer = asked()
    assert call(issuer.opaque(act={"sub": "agent-1"})).json()["actor"] == {"sub": "agent-1"}


def test_wrong_secret_is_told_to_the_operator_and_not_to_the_client(issuer, trust, call, told):
    trust(issuer, introspection={"client_id": "fake-api", "client_secret": "wrong-secret"})
    answer = call(issuer.opaque())
    assert answer.status_code == 503
    assert "client_secret" in told()
    assert "wrong-secret" not in told()
    assert "client_secret" not in answer.content.decode()


def test_odd_signs_in_the_secret_arrive_as_they_are(issuer, trust, call):
    issuer.introspection_client = ("a:b %/ü", "c:d&=+ ü%")
    trust(issuer, introspection=issuer.introspection())
    assert call(issuer.opaque()).status_code == 200


def test_jwt_is_verified_here_and_nobody_is_asked(asked, call):
    issuer = asked()
    assert call(issuer.token()).status_code == 200
    assert issuer.requests["introspection"] == 0


def test_jwt_is_asked_about_too_where_the_site_says_always(asked, call):
    issuer = asked(**{"for": "always"})
    value = issuer.token()
    assert call(value).status_code == 200
    introspection.forget()
    issuer.revoke(value)
    assert call(value).status_code == 401
    before = issuer.requests["introspection"]
    assert call(value[:-4] + "AAAA").status_code == 401
    assert issuer.requests["introspection"] == before


@pytest.mark.django_db
def test_own_opaque_tokens_stay_ours(asked, call, alice, settings):
    from django.test import Client

    from oauth_provider.testing import as_app

    issuer = asked()
    app = as_app(Client(), user=alice, scopes="read").app
    app.token_format = "opaque"
    app.save()
    value = as_app(Client(), user=alice, scopes="read", app=app).token
    assert value.startswith("op_at_")
    assert call(value).json()["client"] == app.client_id
    assert not issuer.requests


def test_answers_are_kept_in_bounded_number_and_junk_drives_no_good_one_out(asked, call, monkeypatch):
    monkeypatch.setattr(introspection, "MOST_KEPT", 3)
    issuer = asked()
    value = issuer.opaque()
    assert call(value).status_code == 200
    for number in range(6):
        call(f"token-{number}")
    assert (len(introspection._active), len(introspection._inactive)) == (1, 3)
    assert not introspection._under_way
    before = issuer.requests["introspection"]
    assert call(value).status_code == 200
    assert issuer.requests["introspection"] == before


def test_answer_to_one_site_setting_is_not_used_for_another_issuer(asked, call, trust):
    issuer = asked()
    value = issuer.opaque()
    assert call(value).status_code == 200
    with FakeIssuer() as other:
        trust(other, introspection=other.introspection())
        assert call(value).status_code == 401
