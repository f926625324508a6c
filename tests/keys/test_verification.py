"""JW1–JW4: what the verifier refuses, presented to a protected endpoint as an attacker would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client as Browser

from oauth_provider.keys import signing, store
from oauth_provider.keys.algorithms import public_jwk
from tests.flow import userinfo

pytestmark = pytest.mark.django_db


def _encode(part) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def good(flow, conf_client) -> str:
    return flow.tokens(conf_client, scope="openid read")["access_token"]


@pytest.fixture
def claims(good) -> dict:
    return jwt.decode(good, options={"verify_signature": False})


@pytest.fixture
def kid(good) -> str:
    return jwt.get_unverified_header(good)["kid"]


@pytest.fixture
def ours(kid):
    return store.private_key(store.active_key("ES256"))


@pytest.fixture
def foreign():
    return ec.generate_private_key(ec.SECP256R1())


def _refused(value: str) -> bool:
    response = userinfo(value)
    assert response.status_code < 500
    return response.status_code == 401


def test_good_token_is_accepted(good):
    assert not _refused(good)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_jw1_alg_none(claims, kid, alg):
    header = {"alg": alg, "typ": "at+jwt", "kid": kid}
    assert _refused(f"{_encode(header)}.{_encode(claims)}.")
    assert _refused(f"{_encode(header)}.{_encode(claims)}.{_encode(b'x' * 64)}")


def test_jw1_hs256_with_the_public_key_as_secret(claims, kid, ours):
    public = ours.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(store.active_key("ES256").public_jwk).encode(),
    ):
        signed = f"{_encode({'alg': 'HS256', 'typ': 'at+jwt', 'kid': kid})}.{_encode(claims)}"
        signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        assert _refused(f"{signed}.{_encode(signature)}")


@pytest.mark.parametrize("alg", ["RS256", "ES384", "PS256", "EdDSA"])
def test_jw1_algorithm_is_pinned_by_the_key(claims, kid, ours, good, alg):
    signature = good.rpartition(".")[2]
    header = {"alg": alg, "typ": "at+jwt", "kid": kid}
    assert _refused(f"{_encode(header)}.{_encode(claims)}.{signature}")


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "dpop+jwt", "id+jwt", "", None, "at+jwt2"])
def test_jw2_other_types(claims, kid, ours, typ):
    headers = {"kid": kid, "typ": typ}
    assert _refused(jwt.encode(claims, ours, algorithm="ES256", headers=headers))


@pytest.mark.parametrize("header", ["jku", "x5u", "jwk", "x5c"])
def test_jw3_key_offered_in_the_header_is_never_used(claims, foreign, kid, header):
    jwk = public_jwk(foreign.public_key(), alg="ES256")
    offered = {"jku": "https://evil.example/jwks", "x5u": "https://evil.example/c", "jwk": jwk, "x5c": ["x"]}
    for named in (kid, jwk["kid"]):
        headers = {"kid": named, "typ": "at+jwt", header: offered[header]}
        assert _refused(jwt.encode(claims, foreign, algorithm="ES256", headers=headers))


def test_jw3_unknown_critical_header_is_refused(claims, kid, ours):
    headers = {"kid": kid, "typ": "at+jwt", "crit": ["exp"], "exp": 1}
    assert _refused(jwt.encode(claims, ours, algorithm="ES256", headers=headers))


@pytest.mark.parametrize("kid", ["", "unknown", "../../etc/passwd", "' OR 1=1 --", "\u0000", 7, None, ["x"]])
def test_jw3_unknown_kid(claims, foreign, kid):
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    assert _refused(f"{_encode(header)}.{_encode(claims)}.{_encode(b'x' * 64)}")


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"aud": None},
        {"grant_id": "00000000-0000-0000-0000-000000000000"},
        {"grant_id": "not-a-uuid"},
        {"grant_id": ["x"]},
        {"grant_id": 7},
    ],
)
def test_jw4_claims_that_do_not_hold(claims, change):
    changed = {name: value for name, value in {**claims, **change}.items() if value is not None}
    assert _refused(signing.sign(changed, alg="ES256", typ="at+jwt"))


def test_jw4_audience_of_another_resource_server(claims, settings):
    settings.ROOT_URLCONF = "tests.budgets.urls"
    value = signing.sign({**claims, "aud": "https://other.example"}, alg="ES256", typ="at+jwt")
    for view in ("/plain", "/rest"):
        response = Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")
        assert response.status_code == 401
        assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_foreign_signature_under_our_kid(claims, foreign, kid):
    assert _refused(jwt.encode(claims, foreign, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt"}))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_each_altered_part_is_refused(good, position):
    parts = good.split(".")
    middle = len(parts[position]) // 2
    letter = "A" if parts[position][middle] != "A" else "B"
    parts[position] = parts[position][:middle] + letter + parts[position][middle + 1 :]
    assert _refused(".".join(parts))


def test_longer_than_any_of_ours(good):
    assert _refused(good + "A" * 9000)


def test_deeply_nested_claims_cost_nothing(kid):
    nested = b"[" * 3000 + b"]" * 3000
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    assert _refused(f"{_encode(header)}.{_encode(nested)}.{_encode(b'x' * 64)}")
