"""JW1–JW4 for every algorithm: what is signed with one key is good for it alone, and each kind of token at one door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from django.test import Client as Browser
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT
from jwt.algorithms import get_default_algorithms

from oauth_provider.keys import signing, store
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.models import Grant, SigningKey
from oauth_provider.values import KeyState
from tests.flow import machine_token, post_form, refresh, userinfo

pytestmark = pytest.mark.django_db

ALGS = ("RS256", "ES256", "PS256", "EdDSA")
PAIRS = [(key, alg) for key in ALGS for alg in ALGS if key != alg]


def _encode(part) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _published() -> dict[str, dict]:
    return {key["kid"]: key for key in Browser().get("/jwks").json()["keys"]}


def _refused(value: str) -> bool:
    response = userinfo(value)
    assert response.status_code < 500
    return response.status_code == 401


@pytest.fixture(params=ALGS)
def alg(request, sign_id_tokens_with) -> str:
    sign_id_tokens_with(request.param)
    return request.param


@pytest.fixture
def tokens(flow, conf_client) -> dict:
    return flow.tokens(conf_client, scope="openid read")


@pytest.fixture
def claims(tokens) -> dict:
    return jwt.decode(tokens["access_token"], options={"verify_signature": False})


def test_every_algorithm_is_announced_and_has_a_key_before_anybody_asked_for_it():
    announced = Browser().get("/.well-known/openid-configuration").json()["id_token_signing_alg_values_supported"]
    assert announced == list(ALGS)
    assert sorted(key["alg"] for key in _published().values()) == sorted(ALGS)


def test_site_that_offers_one_algorithm_announces_and_publishes_no_other(configure):
    configure(ID_TOKEN_SIGNING_ALGS=("RS256",))
    announced = Browser().get("/.well-known/openid-configuration").json()["id_token_signing_alg_values_supported"]
    assert announced == ["RS256"]
    # ES256 signs access tokens.
    assert sorted(key["alg"] for key in _published().values()) == ["ES256", "RS256"]


def test_id_token_is_signed_with_the_clients_algorithm_and_verified_with_the_key_set(alg, tokens, conf_client):
    header = jwt.get_unverified_header(tokens["id_token"])
    key = _published()[header["kid"]]
    assert (header["alg"], key["alg"], key["use"]) == (alg, alg, "sig")
    claims = jwt.decode(
        tokens["id_token"], jwt.PyJWK(key), algorithms=[alg], audience=conf_client.client_id,
        issuer="https://provider.example",
    )  # fmt: skip
    digest = {"EdDSA": hashlib.sha512}.get(alg, hashlib.sha256)(tokens["access_token"].encode()).digest()
    assert claims["at_hash"] == _encode(digest[: len(digest) // 2])


def test_another_library_verifies_it_too(alg, tokens):
    key = _published()[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    JWT(jwt=tokens["id_token"], key=JWK.from_json(json.dumps(key)), algs=[alg])


def test_refreshed_id_token_has_the_same_algorithm(alg, tokens, conf_client):
    fresh = refresh(conf_client, tokens["refresh_token"]).json()
    assert jwt.get_unverified_header(fresh["id_token"])["alg"] == alg


def test_preview_says_the_algorithm_that_will_sign(alg, conf_client, alice):
    from oauth_provider.insight import preview

    shown = preview.preview(conf_client.row, user=alice, scope="openid read")
    assert shown.id_token_header["alg"] == alg


def test_client_of_an_algorithm_that_is_offered_no_more_is_told_nothing_and_the_operator_all(
    flow, conf_client, sign_id_tokens_with, configure, caplog
):
    sign_id_tokens_with("PS256")
    configure(ID_TOKEN_SIGNING_ALGS=("RS256",))
    response = flow.redeem(conf_client, flow.code(conf_client, scope="openid read"))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    assert "PS256" not in response.content.decode()
    assert "ID_TOKEN_SIGNING_ALGS" in caplog.text
    assert conf_client.client_id in caplog.text


def test_no_two_algorithms_share_a_key():
    _published()
    rows = SigningKey.objects.filter(state=KeyState.ACTIVE)
    assert len({row.public_jwk.get("n") or row.public_jwk["x"] for row in rows}) == len(ALGS)


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
@pytest.mark.parametrize("of", ALGS)
def test_jw1_alg_none_under_each_key(claims, of, alg):
    header = {"alg": alg, "typ": "at+jwt", "kid": store.active_key(of).kid}
    assert _refused(f"{_encode(header)}.{_encode(claims)}.")
    assert _refused(f"{_encode(header)}.{_encode(claims)}.{_encode(b'x' * 64)}")


@pytest.mark.parametrize("of", ALGS)
def test_jw1_hmac_with_each_published_key_as_secret(claims, of):
    jwk = _published()[store.active_key(of).kid]
    for hs, digest in (("HS256", "sha256"), ("HS512", "sha512")):
        signed = f"{_encode({'alg': hs, 'typ': 'at+jwt', 'kid': jwk['kid']})}.{_encode(claims)}"
        for secret in (json.dumps(jwk), jwk.get("n", ""), jwk.get("x", "")):
            signature = hmac.digest(secret.encode(), signed.encode(), digest)
            assert _refused(f"{signed}.{_encode(signature)}")


@pytest.mark.parametrize(("of", "alg"), PAIRS)
def test_jw1_key_of_one_algorithm_under_the_name_of_another(claims, of, alg):
    row = store.active_key(of)
    signed = f"{_encode({'alg': alg, 'typ': 'at+jwt', 'kid': row.kid})}.{_encode(claims)}"
    signature = get_default_algorithms()[of].sign(signed.encode(), store.private_key(row))
    assert _refused(f"{signed}.{_encode(signature)}")


@pytest.mark.parametrize(("of", "alg"), [("RS256", "PS256"), ("PS256", "RS256")])
def test_jw1_good_signature_of_an_algorithm_the_key_is_not_for(claims, of, alg):
    row = store.active_key(of)
    assert _refused(
        jwt.encode(claims, store.private_key(row), algorithm=alg, headers={"kid": row.kid, "typ": "at+jwt"})
    )


# What we sign, by its `typ`. `logout+jwt` and `token-introspection+jwt` are named by their specifications.
OTHER_KINDS = ("JWT", "logout+jwt", "secevent+jwt", "token-introspection+jwt", "dpop+jwt", "oauth-authz-req+jwt", "")


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("of", ALGS)
def test_jw2_other_kinds_at_the_doors_of_an_access_token(claims, of, kind, settings, resource_server):
    value = signing.sign(claims, alg=of, typ=kind)
    assert _refused(value)
    asked = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=resource_server.basic)
    assert asked.json() == {"active": False}
    settings.ROOT_URLCONF = "tests.budgets.urls"
    for view in ("/plain", "/rest"):
        assert Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}").status_code == 401


def test_jw2_real_id_token_opens_nothing(alg, tokens, conf_client, resource_server, settings):
    value = tokens["id_token"]
    assert _refused(value)
    asked = post_form(Browser(), "/introspect", {"token": value}, HTTP_AUTHORIZATION=resource_server.basic)
    assert asked.json() == {"active": False}
    post_form(Browser(), "/revoke", {"token": value}, HTTP_AUTHORIZATION=conf_client.basic)
    assert Grant.objects.get().revoked_at is None
    settings.ROOT_URLCONF = "tests.budgets.urls"
    for view in ("/plain", "/rest"):
        assert Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}").status_code == 401


@pytest.mark.parametrize("which", ["id_token", "access_token"])
def test_jw2_tokens_of_ours_at_the_token_endpoint(alg, tokens, conf_client, which):
    value = tokens[which]
    for form in (
        {"grant_type": "refresh_token", "refresh_token": value},
        {"grant_type": "authorization_code", "code": value, "redirect_uri": "https://c.example/cb"},
        {"grant_type": "client_credentials", "client_assertion": value,
         "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
    ):  # fmt: skip
        with_secret = {} if "client_assertion" in form else {"HTTP_AUTHORIZATION": conf_client.basic}
        response = post_form(Browser(), "/token", form, **with_secret)
        assert response.status_code in {400, 401}, response.content
        assert "access_token" not in response.json()
    assert Grant.objects.get().revoked_at is None


@pytest.mark.parametrize("of", ALGS)
@pytest.mark.parametrize(
    "change", [{"iss": "https://evil.example"}, {"iss": None}, {"exp": 1}, {"exp": None}, {"iat": None},
               {"sub": None}, {"aud": None}, {"nbf": int(time.time()) + 3600}]
)  # fmt: skip
def test_jw3_claims_that_do_not_hold_under_any_key(claims, of, change):
    changed = {name: value for name, value in {**claims, **change}.items() if value is not None}
    assert _refused(signing.sign(changed, alg=of, typ="at+jwt"))


@pytest.mark.parametrize("of", ALGS)
@pytest.mark.parametrize("header", ["jku", "x5u", "jwk", "x5c"])
def test_jw4_key_offered_in_the_header_of_any_algorithm(claims, of, header):
    foreign = ALGORITHMS[of].generate()
    jwk = {**json.loads(get_default_algorithms()[of].to_jwk(foreign.public_key())), "alg": of}
    offered = {"jku": "https://evil.example/jwks", "x5u": "https://evil.example/c", "jwk": jwk, "x5c": ["x"]}
    headers = {"kid": store.active_key(of).kid, "typ": "at+jwt", header: offered[header]}
    assert _refused(jwt.encode(claims, foreign, algorithm=of, headers=headers))


@pytest.mark.parametrize("of", ALGS)
def test_jw4_unknown_critical_header_under_any_key(claims, of):
    row = store.active_key(of)
    headers = {"kid": row.kid, "typ": "at+jwt", "crit": ["exp"], "exp": 1}
    assert _refused(jwt.encode(claims, store.private_key(row), algorithm=of, headers=headers))


@pytest.mark.parametrize("of", ALGS)
def test_jw5_longer_than_any_of_ours_under_any_key(claims, of):
    assert _refused(signing.sign({**claims, "more": "A" * 9000}, alg=of, typ="at+jwt"))


def test_jw6_keys_are_strong_enough():
    for jwk in _published().values():
        if jwk["kty"] == "RSA":
            assert jwt.PyJWK(jwk).key.key_size >= 2048
        else:
            assert jwk["crv"] in {"P-256", "Ed25519"}


def test_machine_token_needs_one_key_only(machine_client):
    machine_token(machine_client)
    assert [row.alg for row in SigningKey.objects.all()] == ["ES256"]
