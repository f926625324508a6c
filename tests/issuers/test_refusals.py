"""What must not enter, whatever it is signed with and however it is presented (RS1-RS3, RS14, JW1-JW6, C49-C53)."""

from __future__ import annotations

import json
import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from oauth_provider.testing import FakeIssuer, jws
from tests.issuers.conftest import PRESETS

DOORS = ["/notes", "/anything", "/person", "/plain", "/plain-async"]


def refused(call, value: str, reason: str | None = None) -> None:
    for door in DOORS:
        answer = call(value, door)
        assert answer.status_code == 401, (door, answer.content)
        # A bound token is told to come in by the scheme that is its own.
        scheme = "DPoP" if answer.json()["reason"] == "bound" else "Bearer"
        assert answer.headers["WWW-Authenticate"].startswith(f'{scheme} realm="api", error="invalid_token"')
        assert reason is None or answer.json()["reason"] == reason
    assert call(value, "/middleware").json() == {"none": True}


@pytest.mark.parametrize("preset", PRESETS)
def test_RS3_C49_id_token_is_no_access_token(issuer, trust, call, told):
    trust(issuer)
    refused(call, issuer.id_token())
    # An ID token for this API's own name: somebody registered it as a client, too.
    refused(call, issuer.id_token(client_id=issuer.audience))
    assert preset_says(issuer.preset) in told()


def preset_says(preset: str) -> str:
    return "wanted is at+jwt" if preset == "openid" else "ID token"


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "cognito"])
@pytest.mark.parametrize("aud", ["https://other.example", ["https://other.example"], None, 5, [], {}, ""])
def test_RS2_token_for_another_audience_is_refused(issuer, trust, call, aud):
    trust(issuer)
    refused(call, issuer.token(extra={"aud": aud}), "wrong_audience")


@pytest.mark.parametrize("preset", PRESETS)
def test_JW1_hs256_with_the_public_key_as_secret_is_refused(issuer, trust, call, told):
    trust(issuer)
    public = issuer.published[0].private.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(issuer.published[0].jwk).encode(),
        b"",
    ):
        refused(call, issuer.token(key=secret, header={"alg": "HS256", "kid": issuer.published[0].kid}), "unknown")
    assert "its alg is 'HS256'" in told()


def test_C50_hs256_by_a_clients_secret_with_the_id_of_another_token_and_no_exp_is_refused(issuer, trust, call):
    trust(issuer, introspection=issuer.introspection())
    secret = issuer.introspection_client[1].encode()
    value = issuer.token(key=secret, header={"alg": "HS256"}, jti=issuer.claims()["jti"], exp=None)
    refused(call, value, "unknown")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 5, ["RS256"], "RS384", "PS256", "ES256"])
def test_JW1_algorithm_the_site_did_not_name_is_refused(issuer, trust, call, alg):
    trust(issuer)
    refused(call, issuer.token(key=None, header={"alg": alg}), "unknown")
    refused(call, issuer.token(header={"alg": alg}), "unknown")


def test_JW1_key_for_one_algorithm_verifies_no_other(issuer, trust, call):
    trust(issuer, algorithms=["RS256", "PS256"])
    assert call(issuer.token()).status_code == 200
    refused(call, issuer.token(header={"alg": "PS256"}), "unknown")


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"typ": "jwt"}, {"typ": None}, {"typ": 5}])
def test_JW2_JW4_header_with_crit_or_another_typ_is_refused(issuer, trust, call, header):
    trust(issuer)
    refused(call, issuer.token(header=header), "unknown")


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_JW2_typ_of_an_access_token_enters_however_it_is_written(issuer, trust, call, typ):
    trust(issuer)
    assert call(issuer.token(header={"typ": typ})).status_code == 200


def test_JW4_key_in_the_header_is_not_looked_at(issuer, trust, call):
    trust(issuer)
    mine = jws.key("RS256", 99)
    with FakeIssuer() as evil:
        evil.published = [mine]
        for header in ({"jwk": mine.jwk}, {"jku": f"{evil.base}/jwks"}, {"x5u": f"{evil.base}/jwks"}):
            for kid in (mine.kid, issuer.published[0].kid, None):
                refused(call, issuer.token(key=mine, header={**header, "kid": kid}), "unknown")
        assert not evil.requests


def test_token_another_key_signed_is_refused(issuer, trust, call):
    trust(issuer)
    refused(call, issuer.token(key=jws.key("RS256", 99), header={"kid": issuer.published[0].kid}), "unknown")


def test_token_of_an_issuer_nobody_trusts_is_refused_and_nobody_is_asked(issuer, trust, call, told):
    trust(issuer)
    with FakeIssuer() as other:
        refused(call, other.token(), "other_issuer")
        assert not other.requests
    assert not issuer.requests
    assert "not in TRUSTED_ISSUERS" in told()


def test_slash_at_the_end_of_an_issuer_is_told_to_the_operator(issuer, trust, call, told):
    trust(issuer)
    refused(call, issuer.token(iss=f"{issuer.issuer}/"), "other_issuer")
    assert "slash at the end" in told()


def test_JW3_issuer_that_signs_for_another_trusted_one_is_refused(issuer, trust, call):
    with FakeIssuer() as other:
        other.published = [jws.key("RS256", 7)]
        trust(issuer, other)
        refused(call, other.token(iss=issuer.issuer), "unknown")
        refused(call, other.token(iss=issuer.issuer, header={"kid": None}), "unknown")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": -20}, 200),
        ({"exp": -90}, 401),
        ({"nbf": 20}, 200),
        ({"nbf": 90}, 401),
        ({"iat": 20}, 200),
        ({"iat": 90}, 401),
    ],
)
def test_RS14_clocks_may_differ_by_so_much_in_both_directions(issuer, trust, call, claims, status):
    trust(issuer)
    ((name, seconds),) = claims.items()
    answer = call(issuer.token(**{name: int(time.time()) + seconds}))
    assert answer.status_code == status
    if name == "exp" and status == 401:
        assert answer.json()["reason"] == "expired"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None}, {"exp": "soon"}, {"exp": 1e400}, {"exp": -1}, {"exp": [1]}, {"exp": {}}, {"exp": 10**40},
        {"exp": float("nan")}, {"nbf": "x"}, {"iat": "x"}, {"sub": None}, {"sub": 5}, {"sub": ""}, {"iss": None},
        {"iss": 5}, {"iss": ["x"]}, {"cnf": {}}, {"cnf": "x"}, {"cnf": {"jkt": 5}}, {"cnf": {"jkt": "x"}},
    ],
)  # fmt: skip
def test_JW3_claims_of_a_wrong_form_are_refused(issuer, trust, call, claims):
    trust(issuer)
    refused(call, issuer.token(extra=claims))


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": 5}, {"scope": None}, {"scope": {"read": 1}}, {"scope": [["read"]]}, {"roles": {"a": 1}},
        {"act": "x"}, {"acr": 5}, {"amr": {}}, {"auth_time": "x"}, {"auth_time": 1e300}, {"auth_time": True},
    ],
)  # fmt: skip
def test_claims_of_a_wrong_form_give_nothing(issuer, trust, call, claims):
    trust(issuer)
    answer = call(issuer.token(extra=claims), "/anything")
    assert answer.status_code == 200
    assert "read" not in answer.json()["scopes"] or "scope" not in claims


def test_C51_JW5_junk_is_refused_without_asking_anybody(issuer, trust, call):
    trust(issuer)
    deep = jws.b64(b"[" * 5000)
    for junk in (
        "eyJ.a.b",
        "eyJhbGciOiJSUzI1NiJ9.e30.x",
        f"eyJhbGciOiJSUzI1NiJ9.{deep}.x",
        f"eyJ{deep}.e30.x",
        f"eyJhbGciOiJSUzI1NiJ9.{jws.b64(b'5')}.x",
        "eyJhbGciOiJSUzI1NiJ9." + jws.b64(b'{"iss": "' + b"x" * 5000 + b'"}') + ".x",
        "eyJ" + "a" * 10_000,
    ):
        refused(call, junk)
    assert not issuer.requests


def test_C51_junk_in_the_name_of_a_trusted_issuer_is_refused(issuer, trust, call):
    trust(issuer)
    good = issuer.token().split(".")
    for junk in (f"{good[0]}.{good[1]}.", f"{good[0]}.{good[1]}.AAAA", f"{good[0][:-4]}.{good[1]}.{good[2]}"):
        refused(call, junk)


def test_RS1_C52_token_in_two_places_is_refused(issuer, trust):
    trust(issuer)
    value = issuer.token()
    header = {"Authorization": f"Bearer {value}"}
    assert Client().get(f"/plain?access_token={value}").status_code == 400
    assert Client().get(f"/plain?access_token={value}", headers=header).status_code == 400
    form = {"data": f"access_token={value}", "content_type": "application/x-www-form-urlencoded"}
    assert Client().post("/plain", **form, headers=header).status_code == 400


def test_RS7_C53_bound_token_is_no_bearer_token(issuer, trust, call):
    trust(issuer)
    refused(call, issuer.token(jwk=jws.key("ES256").jwk), "bound")
    refused(call, issuer.token(token_type="DPoP"), "binding")


def test_weakened_typ_still_refuses_what_looks_like_an_id_token(issuer, trust, call):
    trust(issuer, typ=["at+jwt", "JWT"])
    plain = {"typ": "JWT"}
    assert call(issuer.token(header=plain)).status_code == 200
    for claims in ({"nonce": "n"}, {"at_hash": "x"}, {"c_hash": "x"}, {"client_id": issuer.audience}):
        refused(call, issuer.token(header=plain, extra=claims))


def test_RS11_no_token_is_logged(issuer, trust, call, told):
    trust(issuer)
    for value in (issuer.token(), issuer.token(exp=1), issuer.id_token(), issuer.token(aud="x")):
        call(value)
        assert value not in told()
        assert value.split(".")[2] not in told()
