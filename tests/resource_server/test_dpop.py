"""DP1, DP3, DP5, RS7, JW1–JW6, C53: a token that is bound to a key, and the proof of that key with each request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from typing import Any

import jwt
import pytest
from asgiref.sync import async_to_sync
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.db import DatabaseError
from django.test import AsyncClient

from oauth_provider.keys import proof as proofs
from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.models import UsedJti
from oauth_provider.sender_constraint import htu, nonce
from oauth_provider.testing import Prover, as_app
from tests.settings import OAUTH_PROVIDER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]

DOORS = ["/notes", "/plain", "/class", "/middleware"]
EACH_DOOR = pytest.mark.parametrize("address", DOORS)
HERE = "http://testserver"


@pytest.fixture(autouse=True)
def _middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]


@pytest.fixture
def bound(client: Any, ada: Any) -> Any:
    """The test client as an app whose token is bound to the key of `bound.prover`."""
    return as_app(client, user=ada, scopes="read", dpop=True)


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


# ── what gets in ────────────────────────────────────────────────────────────────────────────────────────────


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


def keys() -> dict[str, Any]:
    return {
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }


@pytest.fixture
def rsa_key(request: Any) -> Any:
    return request.getfixturevalue("_rsa_keys")["RS256"]


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


# ── DP3, RS7: the scheme and the binding ────────────────────────────────────────────────────────────────────


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


# ── DP1, C53: one claim after the other ─────────────────────────────────────────────────────────────────────


@EACH_DOOR
def test_DP1_C53_request_without_a_proof_is_refused(bound: Any, address: str) -> None:
    assert_refused(send(bound.client, address, token=bound.token, proof=None), "no_proof")
    assert_refused(send(bound.client, address, token=bound.token, proof=""), "no_proof")


@EACH_DOOR
def test_DP1_two_proofs_in_one_request_are_refused(bound: Any, address: str) -> None:
    made = [bound.prover.proof("GET", HERE + address, token=bound.token) for _ in range(2)]
    # As servers hand over a header that is sent twice (RFC 9110 §5.3).
    assert_refused(send(bound.client, address, token=bound.token, proof=", ".join(made)), "bad_proof")


@EACH_DOOR
def test_DP1_C53_proof_that_is_sent_again_is_refused(bound: Any, address: str) -> None:
    made = bound.prover.proof("GET", HERE + address, token=bound.token)
    assert_let_in(send(bound.client, address, token=bound.token, proof=made))
    assert_refused(send(bound.client, address, token=bound.token, proof=made), "repeated")
    assert UsedJti.objects.count() == 1


@EACH_DOOR
@pytest.mark.parametrize(
    "other",
    [
        "http://testserver/other",
        "http://testserver",
        "https://testserver{0}",
        "http://elsewhere.example{0}",
        "http://testserver:8000{0}",
        "http://testserver{0}/",
        "http://user@testserver{0}",
        "{0}",
        "//testserver{0}",
        "",
        None,
        5,
        ["http://testserver{0}"],
        "http://[::1{0}",
        "http://testserver:x{0}",
    ],
)
def test_DP1_C53_proof_for_another_address_is_refused(bound: Any, address: str, other: Any) -> None:
    claimed = other.format(address) if isinstance(other, str) else other
    assert_refused(show(bound, address, claims={"htu": claimed}), "other_request")


@EACH_DOOR
@pytest.mark.parametrize("method", ["POST", "get", "", None, 5])
def test_DP1_C53_proof_for_another_method_is_refused(bound: Any, address: str, method: Any) -> None:
    assert_refused(show(bound, address, claims={"htm": method}), "other_request")


@EACH_DOOR
@pytest.mark.parametrize("ath", ["", None, 5, "a" * 43, "ünï", "\ud800"])
def test_DP1_C53_proof_for_another_token_is_refused(bound: Any, address: str, ath: Any) -> None:
    assert_refused(show(bound, address, claims={"ath": ath}), "other_token")


@EACH_DOOR
@pytest.mark.parametrize(("seconds", "is_fresh"), [(-95, False), (-85, True), (0, True), (25, True), (35, False)])
def test_DP1_C53_proof_is_good_for_a_minute_and_the_allowance_for_clocks(
    bound: Any, address: str, seconds: int, is_fresh: bool
) -> None:
    response = show(bound, address, claims={"iat": int(time.time()) + seconds})
    if is_fresh:
        assert_let_in(response)
    else:
        assert_refused(response, "not_fresh")


def test_DP1_lifetime_of_a_proof_is_a_setting(bound: Any, settings: Any) -> None:
    setting(settings, DPOP_PROOF_LIFETIME=10, CLOCK_SKEW=0)
    assert_refused(show(bound, "/notes", claims={"iat": int(time.time()) - 20}), "not_fresh")
    assert_let_in(show(bound, "/notes", claims={"iat": int(time.time()) - 5}))


@EACH_DOOR
@pytest.mark.parametrize("iat", [None, "now", True, [1], {}])
def test_DP1_iat_is_a_number(bound: Any, address: str, iat: Any) -> None:
    assert_refused(show(bound, address, claims={"iat": iat}), "bad_proof")


@pytest.mark.parametrize("iat", [float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 0])
def test_DP1_iat_out_of_all_bounds_is_refused(bound: Any, iat: Any) -> None:
    assert_refused(show(bound, "/notes", claims={"iat": iat}), "not_fresh")


@EACH_DOOR
@pytest.mark.parametrize("jti", [None, "", 5, ["x"]])
def test_DP1_proof_without_a_name_of_its_own_is_refused(bound: Any, address: str, jti: Any) -> None:
    assert_refused(show(bound, address, claims={"jti": jti}), "bad_proof")


@pytest.mark.parametrize("jti", ["\x00", "\ud800", "x" * 2000, "'; DROP TABLE x; --"])
def test_DP1_any_text_may_be_its_name(bound: Any, jti: str) -> None:
    assert_let_in(show(bound, "/notes", claims={"jti": jti}))
    assert_refused(show(bound, "/notes", claims={"jti": jti}), "repeated")


def test_DP1_two_senders_may_choose_the_same_name(bound: Any, client: Any, ada: Any) -> None:
    another = as_app(client, user=ada, scopes="read", dpop=True)
    assert_let_in(show(bound, "/notes", claims={"jti": "1"}))
    assert_let_in(show(another, "/notes", claims={"jti": "1"}))


# ── JW1–JW6: the header of the proof ────────────────────────────────────────────────────────────────────────


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


# ── the address: RFC 3986 §6.2, and the proxy ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "htu",
    [
        "HTTP://TESTSERVER/notes/a~b",
        "http://testserver:80/notes/a~b",
        "http://testserver/notes/a%7Eb",
        "http://testserver/notes/a%7eb",
        "http://testserver/notes/./x/../a~b",
        "http://testserver/%6eotes/a~b",
        "http://testserver/notes/a~b?page=2",
        "http://testserver/notes/a~b#top",
        "http://testserver:/notes/a~b",
    ],
)
def test_DP1_two_spellings_of_one_address_are_the_same(bound: Any, htu: str) -> None:
    assert show(bound, "/notes/a~b", claims={"htu": htu}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/notes/%C3%BC", "/notes/a%20b", "/notes/a%2Fb", "/notes/%FF", "/notes/a%25b", "/notes/a;b"]
)
def test_DP1_address_with_escapes_is_as_the_client_wrote_it(bound: Any, path: str) -> None:
    assert show(bound, path).status_code == 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://a.example:443/x", "https://A.example/x"),
        ("https://[::1]:443/x", "https://[::1]/x"),
        ("https://a.example/x/..", "https://a.example/"),
        ("https://a.example/x/y/.", "https://a.example/x/y/"),
        ("https://a.example/../x", "https://a.example/x"),
    ],
)
def test_addresses_that_are_the_same(one: str, other: str) -> None:
    assert htu.of_claim(one) == htu.of_claim(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example:444/x", "https://a.example/x"),
        ("https://a.example//x", "https://a.example/x"),
        ("http://a.example:443/x", "https://a.example/x"),
    ],
)
def test_addresses_that_differ(one: str, other: str) -> None:
    assert htu.of_claim(one) != htu.of_claim(other)


def test_DP1_behind_a_proxy_the_operator_reads_both_addresses_and_the_setting(bound: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO, logger="oauth_provider")
    assert_refused(show(bound, "/notes", claims={"htu": "https://testserver/notes"}), "other_request")
    assert "'https://testserver/notes'" in caplog.text
    assert "'http://testserver/notes'" in caplog.text
    assert "SECURE_PROXY_SSL_HEADER" in caplog.text


def test_DP1_proxy_that_the_site_trusts_says_the_scheme(bound: Any, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = {"htu": "https://testserver/notes"}
    assert_let_in(show(bound, "/notes", claims=secure, HTTP_X_FORWARDED_PROTO="https", HTTP_HOST="testserver"))
    assert_refused(show(bound, "/notes", claims=secure), "other_request")


def test_RS11_proof_and_token_are_in_no_log_and_no_line_is_forged(bound: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    made = bound.prover.proof("GET", f"{HERE}/notes\nINFO forged", token=bound.token)
    send(bound.client, "/notes", token=bound.token, proof=made)
    show(bound, "/notes/x%0aINFO forged", claims={"htu": "x\r\ny"})
    bound.get("/notes")
    assert made not in caplog.text
    assert bound.token not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("oauth_provider")]
    assert ours
    assert not any("\n" in line or "\r" in line for line in ours)


# ── DP5: the store ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("warm_keys")
@EACH_DOOR
def test_DPoP_costs_one_statement_more(bound: Any, address: str, django_assert_num_queries: Any) -> None:
    bound.get(address)
    with django_assert_num_queries(2):
        assert_let_in(bound.get(address))


@pytest.mark.usefixtures("warm_keys")
def test_DP5_proof_that_is_wrong_leaves_no_row(bound: Any, django_assert_num_queries: Any) -> None:
    bound.get("/notes")
    with django_assert_num_queries(1):
        show(bound, "/notes", claims={"htm": "PUT"})
    assert UsedJti.objects.count() == 1


def test_DP5_row_lives_a_little_longer_than_its_proof(bound: Any) -> None:
    now = int(time.time())
    show(bound, "/notes", claims={"iat": now})
    ends = UsedJti.objects.get().expires_at.timestamp()
    assert now + 60 + 30 < ends < now + 60 + 30 + 60


@EACH_DOOR
def test_DP5_store_that_fails_lets_nobody_in(bound: Any, address: str, monkeypatch: Any, caplog: Any) -> None:
    def fail(*_: Any, **__: Any) -> bool:
        raise DatabaseError("no such table")

    monkeypatch.setattr(type(UsedJti.objects), "use", fail)
    assert_refused(bound.get(address), "cannot_check")
    assert "cannot be checked for repetition" in caplog.text


# ── the nonce ───────────────────────────────────────────────────────────────────────────────────────────────


@EACH_DOOR
def test_DP1_nonce_is_asked_for_and_then_accepted(bound: Any, address: str, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    response = bound.get("/notes")
    assert_refused(response, "nonce_needed", "use_dpop_nonce")
    bound.nonce = response.headers["DPoP-Nonce"]
    assert response.headers["Cache-Control"] == "private, no-store"
    response = bound.get(address)
    assert_let_in(response)
    # It is good for a while yet, and for more than one request.
    assert "DPoP-Nonce" not in response.headers
    assert_let_in(bound.get(address))


@pytest.mark.parametrize("address", ["/notes", "/plain", "/class"])
def test_nonce_comes_with_each_way_of_asking(bound: Any, address: str, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    response = bound.get(address)
    assert_refused(response, "nonce_needed", "use_dpop_nonce")
    assert nonce.seconds_left(response.headers["DPoP-Nonce"]) > 290


@EACH_DOOR
def test_nonce_about_to_end_is_followed_by_the_next_one(
    bound: Any, address: str, settings: Any, monkeypatch: Any
) -> None:
    setting(settings, DPOP_NONCE=True)
    bound.nonce = made_ago(250, monkeypatch)
    response = bound.get(address)
    assert_let_in(response)
    assert nonce.seconds_left(response.headers["DPoP-Nonce"]) > 290


def made_ago(seconds: int, monkeypatch: Any) -> str:
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(nonce.time, "time", lambda: now - seconds)
        return nonce.make()


@EACH_DOOR
@pytest.mark.parametrize("value", ["", "x", "A" * 32, "ünï", "\ud800", 5, ["x"], "old", "altered"])
def test_DP1_nonce_that_is_old_or_none_of_ours_is_refused(
    bound: Any, address: str, value: Any, settings: Any, monkeypatch: Any
) -> None:
    setting(settings, DPOP_NONCE=True)
    if value == "old":
        value = made_ago(301, monkeypatch)
    elif value == "altered":
        value = nonce.make()[:-2] + "AA"
    assert_refused(show(bound, address, claims={"nonce": value}), "nonce_needed", "use_dpop_nonce")
    assert not UsedJti.objects.exists()


def test_nonce_outlives_a_change_of_secret_key_by_the_fallbacks(bound: Any, settings: Any) -> None:
    setting(settings, DPOP_NONCE=True)
    given = nonce.make()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    assert nonce.seconds_left(given) > 290
    settings.SECRET_KEY_FALLBACKS = []
    assert nonce.seconds_left(given) == 0


def test_nonce_is_not_asked_for_without_the_setting(bound: Any) -> None:
    assert_let_in(show(bound, "/notes", claims={"nonce": "whatever"}))


# ── /userinfo, and where no proof can be given ──────────────────────────────────────────────────────────────


@pytest.fixture
def _provider(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"


@pytest.mark.usefixtures("_provider")
def test_DP3_C53_userinfo_asks_for_the_proof(client: Any, ada: Any, settings: Any) -> None:
    app = as_app(client, user=ada, scopes="openid", dpop=True)
    made = app.prover.proof("GET", f"{HERE}/userinfo", token=app.token)
    assert_refused(send(client, "/userinfo", token=app.token, proof=made, scheme="Bearer"), "bound", "invalid_token")
    assert_refused(send(client, "/userinfo", token=app.token, proof=None), "no_proof")
    assert set(send(client, "/userinfo", token=app.token, proof=made).json()) == {"sub"}
    assert_refused(send(client, "/userinfo", token=app.token, proof=made), "repeated")
    assert app.post("/userinfo").status_code == 200
    setting(settings, DPOP_NONCE=True)
    asked = app.get("/userinfo")
    assert_refused(asked, "nonce_needed", "use_dpop_nonce")
    app.nonce = asked.headers["DPoP-Nonce"]
    assert app.get("/userinfo").status_code == 200


@pytest.mark.usefixtures("_provider")
def test_introspection_says_which_key_the_token_is_bound_to(client: Any, ada: Any, resource_server: Any) -> None:
    app = as_app(client, user=ada, scopes="read", dpop=True)
    from tests.flow import post_form

    answer = post_form(client, "/introspect", {"token": app.token}, HTTP_AUTHORIZATION=resource_server.basic).json()
    assert answer["active"] is True
    assert answer["cnf"] == {"jkt": app.prover.thumbprint}
    assert answer["token_type"] == "DPoP"


def test_DP3_django_oauth_toolkits_classes_take_no_bound_token(bound: Any, client: Any, ada: Any) -> None:
    from oauth_provider.server.validator import Validator

    class Request:
        pass

    assert Validator().validate_bearer_token(as_app(client, user=ada).token, ["read"], Request()) is True
    assert Validator().validate_bearer_token(bound.token, ["read"], Request()) is False


# ── JW2: each kind at each other door ───────────────────────────────────────────────────────────────────────


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
