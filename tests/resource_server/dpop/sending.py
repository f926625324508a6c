"""Requests with a bound token and a proof, right or wrong in one thing, and what is to be seen of the answer."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from tests.settings import OAUTH_PROVIDER

DOORS = ["/notes", "/plain", "/class", "/middleware"]
EACH_DOOR = pytest.mark.parametrize("address", DOORS)
HERE = "http://testserver"


def setting(settings: Any, **values: Any) -> None:
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | values


def send(client: Any, address: str, *, token: str, proof: str | None, scheme: str = "DPoP", **more: Any) -> Any:
    headers = {"Authorization": f"{scheme} {token}", **({} if proof is None else {"DPoP": proof})}
    return client.get(address, headers=headers, **more)


def show(bound: Any, address: str, *, header: Any = None, claims: Any = None, **more: Any) -> Any:
    """A request whose proof is right but for what is changed."""
    made = bound.prover.proof("GET", HERE + address, token=bound.token, header=header, claims=claims)
    return send(bound.client, address, token=bound.token, proof=made, **more)


def assert_let_in(response: Any) -> None:
    assert response.status_code == 200, response.content
    assert response.json()["subject"]


def assert_refused(response: Any, reason: str, code: str = "invalid_dpop_proof") -> None:
    """C53: 401 with a challenge of the scheme DPoP; the middleware lets nobody in either."""
    if response.request["PATH_INFO"] == "/middleware":
        assert response.json() == {"none": True, "user": "AnonymousUser"}
        return
    assert response.status_code == 401, response.content
    assert (response.json()["code"], response.json()["reason"]) == (code, reason)
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith(f'DPoP realm="api", error="{code}", error_description="')
    assert 'algs="ES256 ES384 ES512 EdDSA PS256 PS384 PS512 RS256 RS384 RS512"' in challenge
    assert "Bearer realm" not in challenge


def keys() -> dict[str, Any]:
    return {
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }


def public_jwk(key: Any, alg: str) -> dict[str, Any]:
    members = jwt.get_algorithm_by_name(alg).to_jwk(key.public_key(), as_dict=True)
    return {name: members[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in members}


def thumbprint(jwk: dict[str, Any]) -> str:
    text = json.dumps(jwk, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def bind(token: str, cnf: Any) -> str:
    """The token's claims with another `cnf`, signed by us."""
    claims = jwt.decode(token, options={"verify_signature": False}) | {"cnf": cnf}
    return signing.sign(claims, alg=ACCESS_TOKEN_ALG, typ="at+jwt")


def signed_by(
    key: Any, alg: str, *, token: str, jwk: dict[str, Any] | None = None, address: str = "/notes", **header: Any
) -> str:
    """A proof made by another library than ours, with any algorithm."""
    ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    claims = {"jti": str(time.perf_counter_ns()), "htm": "GET", "htu": HERE + address, "iat": int(time.time())}
    head = {"typ": "dpop+jwt", "jwk": jwk or public_jwk(key, alg), **header}
    return jwt.encode(claims | {"ath": ath}, key, algorithm=alg, headers=head)
