"""Keys in a hardware module: published with ours, used by their id, rotated over there; out of reach is no 500."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client as Browser

from oauth_provider.authorization import grant
from oauth_provider.endpoints.base import protocol_endpoint
from oauth_provider.insight import find_token
from oauth_provider.keys import rotation, signers, signing, store
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState
from tests.flow import machine_token, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db


def _published() -> dict[str, dict]:
    response = Browser().get("/jwks")
    assert response.status_code == 200
    return {key["kid"]: key for key in response.json()["keys"]}


def _kid(token: str) -> str:
    return jwt.get_unverified_header(token)["kid"]


def _verify(token: str, client) -> dict:
    key = _published()[_kid(token)]
    return jwt.decode(token, jwt.PyJWK(key), algorithms=[key["alg"]], audience=client.client_id)


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_id_token_is_signed_by_the_module_and_no_key_of_ours_is_made(
    flow, conf_client, signer, sign_id_tokens_with, alg
):
    signer(alg)
    sign_id_tokens_with(alg)
    token = flow.tokens(conf_client, scope="openid read")["id_token"]
    assert jwt.get_unverified_header(token) == {"alg": alg, "kid": "hsm-1", "typ": "JWT"}
    assert _verify(token, conf_client)["aud"] == conf_client.client_id
    assert not SigningKey.objects.filter(alg=alg).exists()
    assert [key["use"] for key in _published().values() if key["alg"] == alg] == ["sig"]


def test_access_token_signed_by_the_module_is_accepted_here(flow, conf_client, signer):
    signer("ES256")
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    assert _kid(token) == "hsm-1"
    assert userinfo(token).status_code == 200


def test_keys_are_rotated_over_there(flow, conf_client, signer):
    module = signer("ES256")
    old = flow.tokens(conf_client, scope="openid read")["access_token"]
    module.make("hsm-2")
    assert {"hsm-1", "hsm-2"} <= set(_published())
    module.use("hsm-2")
    new = flow.tokens(conf_client, scope="openid read")["access_token"]
    assert (_kid(old), _kid(new)) == ("hsm-1", "hsm-2")
    assert userinfo(old).status_code == userinfo(new).status_code == 200
    module.unlist("hsm-1")
    assert "hsm-1" not in _published()
    assert userinfo(old).status_code == 401
    assert userinfo(new).status_code == 200


def test_key_that_signs_before_it_was_seen_waits_until_other_workers_publish_it(
    machine_client, signer, configure, monkeypatch
):
    module = signer("ES256")
    machine_token(machine_client)
    slept = []
    monkeypatch.setattr(signers, "time", SimpleNamespace(monotonic=signers.time.monotonic, sleep=slept.append))
    configure(PROCESS_CACHE_SECONDS=1)
    machine_token(machine_client)
    assert slept == []
    module.make("hsm-2")
    module.use("hsm-2")
    assert _kid(machine_token(machine_client).json()["access_token"]) == "hsm-2"
    assert slept == [1]


def test_module_is_asked_for_its_keys_once_while_they_are_kept(signer, configure):
    module = signer("RS256")
    configure(PROCESS_CACHE_SECONDS=1)
    _published()
    asked = module.asked
    for _ in range(3):
        _published()
    assert module.asked == asked


def test_module_without_a_present_key_publishes_and_ours_goes_on_signing(flow, conf_client, signer):
    module = signer("RS256")
    module.use("")
    tokens = flow.tokens(conf_client, scope="openid read")
    ours = SigningKey.objects.get(alg="RS256").kid
    assert _kid(tokens["id_token"]) == ours
    assert {ours, "hsm-1"} <= set(_published())
    module.use("hsm-1")
    fresh = refresh(conf_client, tokens["refresh_token"]).json()["id_token"]
    assert _kid(fresh) == "hsm-1"
    # What ours signed is still verified, until rotation has let its tokens expire.
    assert _verify(tokens["id_token"], conf_client)
    lines = rotation.rotate(if_due=True)
    assert any(ours in line and "retired" in line for line in lines)
    assert SigningKey.objects.get(kid=ours).state == KeyState.RETIRED
    assert _verify(tokens["id_token"], conf_client)
    assert rotation.rotate(if_due=True) == []


def test_module_out_of_reach_is_answered_503_spends_nothing_and_is_one_line(flow, conf_client, signer, caplog):
    module = signer("RS256")
    tokens = flow.tokens(conf_client, scope="openid read")
    module.is_down = True
    with caplog.at_level(logging.CRITICAL, logger="oauth_provider.token"):
        response = refresh(conf_client, tokens["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert (response["Cache-Control"], response["Retry-After"]) == ("no-store", "5")
    assert "signer" not in response.content.decode().lower()
    [line] = [record.getMessage() for record in caplog.records if record.name == "oauth_provider.token"]
    assert "The signer of RS256 does not answer: Down" in line
    assert "pin=1234" not in caplog.text
    module.is_down = False
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 200


def test_code_is_good_again_once_the_module_is_back(flow, conf_client, signer):
    module = signer("RS256")
    code = flow.code(conf_client, scope="openid read")
    module.is_down = True
    assert flow.redeem(conf_client, code).status_code == 503
    module.is_down = False
    assert flow.redeem(conf_client, code).status_code == 200


def test_other_algorithms_go_on_while_the_module_is_out_of_reach(machine_client, signer, conf_client, flow):
    module = signer("RS256")
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    module.is_down = True
    assert machine_token(machine_client).status_code == 200
    assert userinfo(token).status_code == 200


def test_key_set_keeps_what_the_module_listed_last(flow, conf_client, signer):
    module = signer("ES256")
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    before = Browser().get("/jwks")
    module.is_down = True
    after = Browser().get("/jwks")
    assert (after.status_code, after.content) == (200, before.content)
    assert userinfo(token).status_code == 200


def test_process_that_never_reached_the_module_gives_no_key_set_rather_than_half_of_one(
    flow, conf_client, signer, new_process, caplog
):
    module = signer("ES256")
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    module.is_down = True
    new_process()
    answer = Browser().get("/jwks")
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer["Cache-Control"] == "no-store"
    assert int(answer["Retry-After"]) > 0
    assert userinfo(token).status_code == 401
    assert "The signer of ES256 does not answer: Down" in caplog.text
    module.is_down = False
    assert "hsm-1" in _published()
    assert userinfo(token).status_code == 200


def test_list_of_a_module_that_is_gone_is_kept_for_an_hour_at_most(signer, monkeypatch):
    module = signer("RS256")
    _published()
    module.is_down = True
    really = signers.time.monotonic
    for ahead, status in ((3500, 200), (3700, 503)):
        monkeypatch.setattr(signers, "time", SimpleNamespace(monotonic=lambda ahead=ahead: really() + ahead))
        assert Browser().get("/jwks").status_code == status


def test_signature_in_another_form_never_leaves(machine_client, signer, monkeypatch, caplog):
    module = signer("ES256")
    raw = module.sign

    def der(signing_input: bytes, kid: str) -> bytes:
        signature = raw(signing_input, kid)
        return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))

    for wrong in (der, lambda *_: b"", lambda *_: "text", lambda *_: None):
        monkeypatch.setattr(module, "sign", wrong)
        assert machine_token(machine_client).status_code == 503
    assert "R and S one after the other (RFC 7518 §3.4), not DER" in caplog.text


def test_key_that_signs_must_be_listed(machine_client, signer, caplog):
    module = signer("ES256")
    module.unlist("hsm-1")
    assert machine_token(machine_client).status_code == 503
    assert "not among the public keys it lists" in caplog.text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"d": "secret"}, "with its private part"),
        ({"kid": ""}, "without a kid"),
        ({"kid": 7}, "without a kid"),
        ({"alg": "PS256"}, "for another algorithm"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "with its private part"),
        ({"kty": "EC"}, "for another algorithm"),
    ],
)
def test_keys_that_must_not_be_published_are_not(signer, caplog, change, why):
    module = signer("RS256")
    module.listed = [{**module.listed[0], **change}]
    assert Browser().get("/jwks").status_code == 503
    assert why in caplog.text


def test_jw6_short_rsa_key_is_not_published(module, configure, caplog):
    made = module("RS256")
    made.make("short", private=rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505
    made.use("short")
    configure(SIGNERS={"RS256": "tests.keys.outside.rs256"})
    assert Browser().get("/jwks").status_code == 503
    assert "fewer than 2048 bits" in caplog.text


def test_key_on_another_curve_is_not_published(module, configure, caplog):
    made = module("ES256")
    made.make("p384", private=ec.generate_private_key(ec.SECP384R1()))
    configure(SIGNERS={"ES256": "tests.keys.outside.es256"})
    assert Browser().get("/jwks").status_code == 503
    assert "for another algorithm" in caplog.text


def test_module_that_is_for_another_algorithm_signs_nothing(machine_client, configure, module, caplog):
    module("RS256")
    configure(SIGNERS={"ES256": "tests.keys.outside.rs256"})
    assert machine_token(machine_client).status_code == 503
    assert "says that it signs 'RS256'" in caplog.text


def test_module_that_cannot_be_made_is_no_500(machine_client, configure):
    configure(SIGNERS={"ES256": "tests.keys.nothing_here"})
    assert machine_token(machine_client).status_code == 503
    assert Browser().get("/jwks").status_code == 503


def test_rotation_leaves_alone_what_it_cannot_ask_about_and_rotates_the_rest(signer, conf_client, flow):
    store.active_key("RS256")
    module = signer("RS256")
    module.is_down = True
    lines = rotation.rotate()
    assert SigningKey.objects.get(alg="RS256").state == KeyState.ACTIVE
    assert SigningKey.objects.filter(alg="ES256", state=KeyState.NEXT).exists()
    assert any(line.startswith("RS256 is left alone") for line in lines)


def test_any_endpoint_that_would_sign_answers_503(signer, rf, caplog):
    signer("RS256").is_down = True

    @protocol_endpoint("GET")
    def signs(request, source):
        return signing.sign({}, alg="RS256", typ="JWT")

    answer = signs(rf.get("/signs"))
    assert (answer.status_code, json.loads(answer.content)["error"]) == (503, "temporarily_unavailable")
    assert "Nothing can be signed at signs: The signer of RS256 does not answer: Down." in caplog.text


def test_authorization_that_would_sign_goes_back_to_the_client(flow, conf_client, signer, monkeypatch):
    flow.tokens(conf_client, scope="openid read")
    module = signer("RS256")

    def make_code_and_id_token(*_, **__):
        signing.sign({}, alg="RS256", typ="JWT")

    monkeypatch.setattr(grant, "make_code", make_code_and_id_token)
    module.is_down = True
    answer = query_of(flow.location(conf_client, scope="openid read"))
    assert (answer["error"], answer["state"]) == ("temporarily_unavailable", "xyz123")


def test_damaged_token_of_the_module_is_known_by_its_key(flow, conf_client, signer):
    signer("ES256")
    token = flow.tokens(conf_client, scope="openid read")["access_token"]
    said = find_token.find(token[:-4] + "AAAA")
    assert "The signature does not fit" in str(said)
