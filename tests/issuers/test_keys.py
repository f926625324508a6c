"""The issuer's keys: asked for as seldom as may be, kept while it is down, and only those that may sign (RS9, JW6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection, transaction
from django.test import Client

from oauth_provider.outbound import crowd
from oauth_provider.resource_server.issuers import fresh, jwks
from oauth_provider.testing import FakeIssuer, jws


class Clock:
    """`time.monotonic` as the kept documents see it."""

    def __init__(self) -> None:
        self.now = 10_000.0

    def monotonic(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        # A host that was in trouble is tried again after half a minute of real time.
        crowd.forget()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(fresh, "time", made)
    return made


def test_keys_are_fetched_once_for_many_tokens(issuer, trust, call):
    trust(issuer)
    for _ in range(5):
        assert call(issuer.token()).status_code == 200
    assert issuer.requests == {"metadata": 1, "jwks": 1}


@pytest.mark.parametrize(
    "said",
    [
        ("", 600), ("max-age=1", 60), ("max-age=300", 300), ("public, max-age=999999", 86_400), ("no-store", 60),
        ("no-cache", 60), ("max-age=x", 600), ("s-maxage=5", 600),
    ],
)  # fmt: skip
def test_keys_are_fresh_as_long_as_the_issuer_says_within_bounds(issuer, trust, call, clock, said):
    issuer.cache_control, seconds = said
    trust(issuer)
    call(issuer.token())
    clock.pass_(seconds - 1)
    call(issuer.token())
    assert issuer.requests["jwks"] == 1
    clock.pass_(2)
    call(issuer.token())
    assert issuer.requests["jwks"] == 2


def test_RS9_flood_of_unknown_kids_costs_one_fetch_a_minute(issuer, trust, call, clock):
    trust(issuer)
    assert call(issuer.token()).status_code == 200
    number = count(1)

    def flood(size: int = 40) -> None:
        for _ in range(size):
            assert call(issuer.token(header={"kid": f"unknown-{next(number)}"}), "/plain").status_code == 401

    flood()
    assert issuer.requests == {"metadata": 1, "jwks": 1}
    clock.pass_(60)
    flood()
    assert issuer.requests["jwks"] == 2
    clock.pass_(59)
    flood()
    assert issuer.requests["jwks"] == 2
    assert call(issuer.token()).status_code == 200


def test_RS9_flood_from_many_threads_costs_one_fetch_too(issuer, trust, call, clock):
    trust(issuer)
    values = [issuer.token(header={"kid": f"unknown-{number}"}) for number in range(32)]
    with ThreadPoolExecutor(16) as pool:
        assert {answer.status_code for answer in pool.map(lambda value: call(value, "/plain"), values)} == {401}
        assert issuer.requests["jwks"] == 1
        clock.pass_(61)
        list(pool.map(lambda value: call(value, "/plain"), values))
        assert issuer.requests["jwks"] == 2


def test_key_that_is_new_is_found_after_the_floor(issuer, trust, call, clock):
    trust(issuer)
    assert call(issuer.token()).status_code == 200
    issuer.rotate()
    assert call(issuer.token()).status_code == 401
    clock.pass_(60)
    assert call(issuer.token()).status_code == 200
    assert issuer.requests == {"metadata": 1, "jwks": 2}


def test_key_that_is_taken_back_ends_when_the_keys_are_read_again(issuer, trust, call, clock):
    trust(issuer)
    old = issuer.token(expires_in=3600)
    assert call(old).status_code == 200
    issuer.rotate(keep=False)
    clock.pass_(601)
    assert call(old).status_code == 401


def test_issuer_that_is_down_is_not_needed_for_a_day_and_the_operator_told(issuer, trust, call, clock, told):
    trust(issuer)
    value = issuer.token()
    assert call(value).status_code == 200
    issuer.down()
    clock.pass_(601)
    for _ in range(5):
        assert call(value).status_code == 200
    assert told().count("keys of") == told().count("metadata of") == 1
    assert "the old one is used" in told()
    clock.pass_(86_000)
    assert call(value).status_code == 200
    clock.pass_(1000)
    assert call(value).status_code == 503
    issuer.up()
    clock.pass_(61)
    assert call(value).status_code == 200


@pytest.mark.parametrize("door", ["/notes", "/plain", "/plain-async"])
def test_issuer_never_seen_and_down_is_answered_503_and_nobody_enters(issuer, trust, call, clock, door):
    trust(issuer)
    issuer.down()
    value = issuer.token()
    answer = call(value, door)
    assert (answer.status_code, answer.json()["code"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "10"
    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "X-Request-Id" in answer.headers
    assert call(value, "/middleware").json() == {"none": True}
    for _ in range(10):
        call(value, door)
    assert issuer.requests == {"metadata": 1}
    issuer.up()
    clock.pass_(11)
    assert call(value, door).status_code == 200


def test_metadata_of_somebody_else_is_not_believed(issuer, trust, call, told, settings):
    trust(issuer)
    with FakeIssuer() as other:
        entry = issuer.settings(metadata_url=f"{other.base}/.well-known/openid-configuration")
        settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"TRUSTED_ISSUERS": entry}
        assert call(issuer.token()).status_code == 503
    assert "write that in TRUSTED_ISSUERS if it is who you mean" in told()


def test_address_of_the_keys_in_the_settings_is_asked_alone(issuer, trust, call):
    trust(issuer, jwks_uri=f"{issuer.base}/jwks")
    assert call(issuer.token()).status_code == 200
    assert issuer.requests == {"jwks": 1}


def test_SSRF_keys_at_a_private_address_the_site_did_not_name_are_not_fetched(issuer, trust, call, told):
    with FakeIssuer() as inside:
        issuer._metadata = lambda: {"issuer": issuer.issuer, "jwks_uri": f"{inside.base}/jwks"}
        trust(issuer)
        assert call(issuer.token()).status_code == 503
        assert not inside.requests
    assert "not fetched" in told()


def test_without_private_network_a_loopback_issuer_is_refused(issuer, trust, call):
    from django.core.exceptions import ImproperlyConfigured

    trust(issuer, private_network=None)
    with pytest.raises(ImproperlyConfigured, match="https URL"):
        call(issuer.token())


def _as(name: str, key: jws.KeyPair, **members) -> dict:
    return {member: value for member, value in {**key.jwk, "kid": name, **members}.items() if value is not None}


RSA, EC = jws.key("RS256"), jws.key("ES256")


@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"}, {"key_ops": ["encrypt"]}, {"key_ops": "verify"}, {"alg": "RSA-OAEP"}, {"alg": "HS256"},
        {"alg": "none"}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC"}, {"d": "AAAA"}, {"crv": "P-256"}, {"n": "!"},
        {"e": None}, {"n": 5}, {"kid": 5},
    ],
)  # fmt: skip
def test_JW6_key_that_may_not_sign_is_left_out_and_the_others_count(issuer, trust, call, members):
    issuer.jwk_set = [_as("bad", RSA, **members), None, 5, "x", _as("good", jws.key("RS256", 1))]
    trust(issuer)
    assert call(issuer.token(header={"kid": "bad"})).status_code == 401
    assert call(issuer.token(key=jws.key("RS256", 1), header={"kid": "good"})).status_code == 200


def test_JW6_rsa_key_of_1024_bits_is_left_out(issuer, trust, call, told):
    short = jws.key("RS256", bits=1024)
    issuer.published = [jws.key("RS256"), short]
    trust(issuer)
    assert call(issuer.token(key=short)).status_code == 401
    assert call(issuer.token()).status_code == 200
    assert "1024 bits" in told()


def test_key_set_without_a_usable_key_is_no_key_set(issuer, trust, call):
    issuer.jwk_set = [_as("bad", RSA, use="enc")]
    trust(issuer)
    assert call(issuer.token()).status_code == 503


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"keys": {}}', b"[" * 100_000, b"\xff"])
def test_key_set_that_is_none_is_refused(answer):
    from oauth_provider.keys.foreign import Unreadable, read_key_set

    with pytest.raises(Unreadable):
        read_key_set(answer)


def test_token_without_kid_is_verified_by_the_only_key_and_by_none_of_several(issuer, trust, call):
    trust(issuer)
    assert call(issuer.token(header={"kid": None})).status_code == 200
    issuer.published = [jws.key("RS256"), jws.key("RS256", 1)]
    jwks.forget()
    assert call(issuer.token(header={"kid": None})).status_code == 401


def test_curve_goes_with_its_algorithm_only(trust, call):
    with FakeIssuer(alg="ES256") as issuer:
        issuer.published = [jws.key("ES256"), jws.key("ES384")]
        trust(issuer, algorithms=["ES256", "ES384"])
        assert call(issuer.token()).status_code == 200
        assert call(issuer.token(key=jws.key("ES384"), header={"alg": "ES384"})).status_code == 200
        assert call(issuer.token(key=jws.key("ES384"), header={"alg": "ES256"})).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_keys_are_fetched_also_within_the_transaction_of_the_request(issuer, trust, settings):
    trust(issuer)
    databases = {**settings.DATABASES["default"], "ATOMIC_REQUESTS": True}
    connection.settings_dict.update(databases)
    try:
        answer = Client().get("/notes", headers={"Authorization": f"Bearer {issuer.token()}"})
        with transaction.atomic():
            asked = Client().get("/plain", headers={"Authorization": f"Bearer {issuer.token()}"})
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert (answer.status_code, asked.status_code) == (200, 200)
