"""RS7, DP3, JW1: who gets in with a bound token, and by which scheme."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from oauth_provider.keys import proof as proofs
from oauth_provider.testing import Prover, as_app
from tests.resource_server.dpop.sending import (
    EACH_DOOR,
    HERE,
    assert_let_in,
    assert_refused,
    bind,
    keys,
    public_jwk,
    send,
    signed_by,
    thumbprint,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@EACH_DOOR
def test_RS7_bound_token_with_a_proof_of_its_key_gets_in(bound: Any, address: str) -> None:
    assert_let_in(bound.get(address))
    assert_let_in(bound.get(address))
    assert_let_in(bound.get(f"{address}?page=2"))
    assert_let_in(send(bound.client, address, token=bound.token, scheme="dpop",
                       proof=bound.prover.proof("GET", HERE + address, token=bound.token)))  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/class-async", "/middleware-async"])
def test_RS7_async_views_ask_for_the_proof_too(bound: Any, address: str) -> None:
    made = bound.prover.proof("GET", HERE + address, token=bound.token)

    async def call(proof: str | None) -> Any:
        return await send(AsyncClient(), address, token=bound.token, proof=proof)

    assert async_to_sync(call)(made).json()["subject"]
    for refused in (async_to_sync(call)(made), async_to_sync(call)(None)):
        assert refused.status_code == 401 or refused.json() == {"none": True, "subject": None}


def test_machine_and_other_methods_prove_it_too(client: Any) -> None:
    machine = as_app(client, scopes="read write", dpop=True)
    assert machine.post("/notes", {"title": "x"}).json()["is_machine"] is True
    assert machine.post("/class").status_code == 200
    assert machine.head("/notes").status_code == 200


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512", "EdDSA"])
def test_JW1_each_algorithm_told_is_accepted(bound: Any, client: Any, alg: str) -> None:
    key = keys()[alg]
    token = bind(bound.token, {"jkt": thumbprint(public_jwk(key, alg))})
    assert_let_in(send(client, "/notes", token=token, proof=signed_by(key, alg, token=token)))


def test_JW1_rsa_algorithms_are_accepted(bound: Any, client: Any, rsa_key: Any) -> None:
    token = bind(bound.token, {"jkt": thumbprint(public_jwk(rsa_key, "RS256"))})
    for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
        assert_let_in(send(client, "/notes", token=token, proof=signed_by(rsa_key, alg, token=token)))


def test_algorithms_told_are_those_accepted(client: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.resource_server.urls_with_metadata"
    told = client.get("/.well-known/oauth-protected-resource").json()["dpop_signing_alg_values_supported"]
    assert tuple(told) == proofs.ALGORITHMS
    assert set(told) == {*keys(), "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    assert f'algs="{" ".join(told)}"' in client.get("/notes").headers["WWW-Authenticate"]


@EACH_DOOR
def test_DP3_C53_bound_token_is_no_bearer_token(bound: Any, address: str) -> None:
    made = bound.prover.proof("GET", HERE + address, token=bound.token)
    for proof in (None, made):
        response = send(bound.client, address, token=bound.token, proof=proof, scheme="Bearer")
        assert_refused(response, "bound", "invalid_token")


@EACH_DOOR
def test_RS7_token_that_is_not_bound_is_no_dpop_token(client: Any, ada: Any, address: str) -> None:
    app, prover = as_app(client, user=ada, scopes="read"), Prover()
    proof = prover.proof("GET", HERE + address, token=app.token)
    assert_refused(send(client, address, token=app.token, proof=proof), "not_bound", "invalid_token")


@EACH_DOOR
@pytest.mark.parametrize("member", ["x5t#S256", "jwk", "kid", "x5t#S256 and jkt"])
def test_RS7_other_bindings_are_refused_by_each_scheme(bound: Any, address: str, member: str) -> None:
    jkt = bound.prover.thumbprint
    cnf = {"x5t#S256": "x" * 43, "jkt": jkt} if "and" in member else {member: jkt}
    token = bind(bound.token, cnf)
    proof = bound.prover.proof("GET", HERE + address, token=token)
    assert_refused(send(bound.client, address, token=token, proof=proof), "binding", "invalid_token")
    response = send(bound.client, address, token=token, proof=proof, scheme="Bearer")
    assert response.status_code == 401 or response.json()["none"]


@pytest.mark.parametrize("cnf", [{}, [], "x", None, 5, {"jkt": 5}, {"jkt": None}, {"jkt": ["x"]}])
def test_RS7_cnf_of_a_form_nobody_writes_opens_nothing(bound: Any, cnf: Any) -> None:
    token = bind(bound.token, cnf)
    for scheme in ("Bearer", "DPoP"):
        proof = bound.prover.proof("GET", f"{HERE}/notes", token=token)
        response = send(bound.client, "/notes", token=token, proof=proof, scheme=scheme)
        assert response.status_code == 401
        assert response.json()["reason"] == "binding"


@EACH_DOOR
def test_DP1_proof_by_another_key_is_refused(bound: Any, address: str) -> None:
    other = Prover().proof("GET", HERE + address, token=bound.token)
    assert_refused(send(bound.client, address, token=bound.token, proof=other), "binding", "invalid_token")
