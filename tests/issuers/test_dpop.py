"""Bound tokens of another issuer (RFC 9449 §7.1): RS7, DP3, C53. Faults of a proof: see resource_server/dpop."""

from __future__ import annotations

import pytest
from django.test import Client

from oauth_provider.testing import Prover

pytestmark = pytest.mark.django_db
ADDRESSES = ("/notes", "/plain")


def get(token, prover, path, *, scheme="DPoP", **wrong):
    proof = prover.proof(wrong.get("method", "GET"), f"http://testserver{path}", token=token)
    return Client().get(path, headers={"Authorization": f"{scheme} {token}", "DPoP": proof})


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("preset", ["openid", "keycloak"])
def test_RS7_bound_token_enters_with_a_proof_of_its_key_by_one_statement(
    issuer, trust, path, django_assert_num_queries
):
    trust(issuer)
    prover = Prover()
    token = issuer.token(jwk=prover.jwk)
    with django_assert_num_queries(1):
        assert get(token, prover, path).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_C53_and_with_nothing_less(issuer, trust, path):
    trust(issuer)
    prover = Prover()
    token = issuer.token(jwk=prover.jwk)
    refused = {
        "DP3-as-bearer": get(token, prover, path, scheme="Bearer"),
        "DP2-other-key": get(token, Prover(), path),
        "DP1-htm": get(token, prover, path, method="POST"),
        "no-proof": Client().get(path, headers={"Authorization": f"DPoP {token}"}),
    }
    for name, response in refused.items():
        assert (name, response.status_code) == (name, 401)
        assert response.headers["WWW-Authenticate"].startswith("DPoP "), name


def test_DP2_proof_is_used_once_by_whomever(issuer, trust):
    trust(issuer)
    prover = Prover()
    token = issuer.token(jwk=prover.jwk)
    sent = {"Authorization": f"DPoP {token}", "DPoP": prover.proof("GET", "http://testserver/notes", token=token)}
    assert [Client().get("/notes", headers=sent).status_code for _ in range(2)] == [200, 401]
