"""JW1–JW6: the header of a proof, and each kind of token at each other door."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from oauth_provider.testing import Prover, as_app
from tests.resource_server.dpop.sending import (
    EACH_DOOR,
    HERE,
    assert_let_in,
    assert_refused,
    bind,
    public_jwk,
    send,
    setting,
    show,
    signed_by,
    thumbprint,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@EACH_DOOR
@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "DPOP+JWT ", 5, ["dpop+jwt"]])
def test_JW2_other_typ_is_refused(bound: Any, address: str, typ: Any) -> None:
    assert_refused(show(bound, address, header={"typ": typ}), "bad_proof")


@EACH_DOOR
@pytest.mark.parametrize("alg", [None, "none", "HS256", "RS256", "ES384", "EdDSA", "ES256K", "", 5, ["ES256"]])
def test_JW1_algorithm_is_asymmetric_and_the_one_of_the_key(bound: Any, address: str, alg: Any) -> None:
    assert_refused(show(bound, address, header={"alg": alg}), "bad_proof")


def test_JW1_proof_signed_with_the_public_key_as_a_secret_is_refused(bound: Any, client: Any) -> None:
    jwk = bound.prover.jwk
    header = encoded(json.dumps({"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}))
    for secret in (json.dumps(jwk), jwk["x"], ""):
        mac = hmac.digest(secret.encode(), f"{header}.e30".encode(), "sha256")
        forged = f"{header}.e30.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert_refused(send(client, "/notes", token=bound.token, proof=forged), "bad_proof")
    unsigned = jwt.encode({}, None, algorithm="none", headers={"typ": "dpop+jwt", "jwk": jwk})
    assert_refused(send(client, "/notes", token=bound.token, proof=unsigned), "bad_proof")


@EACH_DOOR
def test_JW3_proof_that_was_changed_after_it_was_signed_is_refused(bound: Any, address: str) -> None:
    header, claims, signature = bound.prover.proof("GET", HERE + address, token=bound.token).split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"jti": "another"}
    altered = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    for proof in (f"{header}.{altered}.{signature}", f"{header}.{claims}.", f"{header}.{claims}.{'A' * 86}"):
        assert_refused(send(bound.client, address, token=bound.token, proof=proof), "bad_proof")


@EACH_DOOR
def test_JW4_other_keys_in_the_header_are_not_looked_at(bound: Any, address: str) -> None:
    """The token is bound to our key; a proof that points elsewhere for it is by another key all the same."""
    other, key = Prover(), bound.prover
    elsewhere = {"jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/x", "kid": "../../etc/passwd"}
    forged = other.proof("GET", HERE + address, token=bound.token, header={**elsewhere, "x5c": [key.jwk["x"]]})
    assert_refused(send(bound.client, address, token=bound.token, proof=forged), "binding", "invalid_token")
    # And what is not looked at harms nobody.
    assert_let_in(show(bound, address, header=elsewhere))


@EACH_DOOR
def test_JW4_jwk_of_the_victim_with_the_signature_of_another_is_refused(bound: Any, address: str) -> None:
    forged = Prover().proof("GET", HERE + address, token=bound.token, header={"jwk": bound.prover.jwk})
    assert_refused(send(bound.client, address, token=bound.token, proof=forged), "bad_proof")


@EACH_DOOR
@pytest.mark.parametrize("crit", [["exp"], [], ["b64"], "exp", True])
def test_JW4_crit_is_refused(bound: Any, address: str, crit: Any) -> None:
    assert_refused(show(bound, address, header={"crit": crit, "b64": False}), "bad_proof")


@EACH_DOOR
@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "x",
        [],
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": 5, "y": 5},
        {"kty": "EC", "crv": "secp256k1", "x": "A" * 43, "y": "A" * 43},
        {"kty": ["EC"], "crv": {}},
        {"kty": "EC", "crv": "P-256", "x": "\ud800", "y": "ü"},
    ],
)
def test_JW6_jwk_that_is_no_key_is_refused(bound: Any, address: str, jwk: Any) -> None:
    assert_refused(show(bound, address, header={"jwk": jwk}), "bad_proof")


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_DP1_private_key_in_the_proof_is_refused(bound: Any, member: str) -> None:
    assert_refused(show(bound, "/notes", header={"jwk": bound.prover.jwk | {member: "AAAA"}}), "bad_proof")


def test_JW6_rsa_below_2048_bits_is_refused(bound: Any, client: Any) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # the point of it
    jwk = public_jwk(key, "RS256")
    token = bind(bound.token, {"jkt": thumbprint(jwk)})
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        weak = signed_by(key, "RS256", token=token)
    assert_refused(send(client, "/notes", token=token, proof=weak), "bad_proof")


def test_JW6_rsa_with_an_exponent_that_only_costs_time_is_refused(bound: Any, client: Any, rsa_key: Any) -> None:
    jwk = public_jwk(rsa_key, "RS256")
    jwk["e"] = base64.urlsafe_b64encode(b"\x01" * 200).rstrip(b"=").decode()
    token = bind(bound.token, {"jkt": thumbprint(jwk)})
    assert_refused(
        send(client, "/notes", token=token, proof=signed_by(rsa_key, "RS256", token=token, jwk=jwk)), "bad_proof"
    )


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@EACH_DOOR
@pytest.mark.parametrize(
    "value",
    ["x", "a.b", "..", "a.b.c", "a.b.c.d.e", "e30.e30.", f"{encoded('[]')}.e30.x", f"{encoded('[' * 2000)}.e30.x",
     "ünï", f"{encoded('5')}.{encoded('5')}.x", "eyJ" + "a" * 4000 + ".a.b", "eyJ" + "a" * 1_000_000 + ".a.b",
     "a\x00b.c.d"],
    ids=lambda value: value[:12].encode("unicode_escape").decode() + f"-{len(value)}",
)  # fmt: skip
def test_JW5_nonsense_is_refused_at_once_and_costs_one_statement(
    bound: Any, address: str, value: str, django_assert_max_num_queries: Any
) -> None:
    bound.get(address)
    with django_assert_max_num_queries(2):  # the keys of the test process, and the token
        response = send(bound.client, address, token=bound.token, proof=value)
    assert_refused(response, "bad_proof")


@EACH_DOOR
def test_JW2_proof_is_no_access_token_and_an_access_token_no_proof(bound: Any, address: str) -> None:
    proof = bound.prover.proof("GET", HERE + address, token=bound.token)
    for scheme in ("Bearer", "DPoP"):
        response = send(bound.client, address, token=proof, proof=proof, scheme=scheme)
        assert response.status_code == 401 or response.json()["none"]
    assert_refused(send(bound.client, address, token=bound.token, proof=bound.token), "bad_proof")


def test_bound_token_at_the_management_api(client: Any, settings: Any) -> None:
    """Its answers are problems (RFC 9457); what a client needs to go on is in the headers all the same."""
    settings.ROOT_URLCONF = "tests.api.urls"
    machine = as_app(client, scopes="oauth:clients.read", dpop=True)
    address = "/oauth/api/clients"
    assert machine.get(address).status_code == 200
    stolen = client.get(address, headers={"Authorization": f"Bearer {machine.token}"})
    assert stolen.status_code == 401
    assert stolen.headers["WWW-Authenticate"].startswith("DPoP realm=")
    setting(settings, DPOP_NONCE=True)
    asked = machine.get(address)
    assert asked.status_code == 401
    assert 'error="use_dpop_nonce"' in asked.headers["WWW-Authenticate"]
    machine.nonce = asked.headers["DPoP-Nonce"]
    assert machine.get(address).status_code == 200
