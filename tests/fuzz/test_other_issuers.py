"""Whatever another issuer writes into tokens, keys, metadata and answers: a yes or a no, never an error of ours."""

from __future__ import annotations

import contextlib
import json

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from oauth_provider.keys.foreign import Unreadable, read_key_set
from oauth_provider.resource_server.issuers import introspection, jwks
from oauth_provider.testing import FakeIssuer, jws
from tests.fuzz.strategies import NASTY
from tests.settings import OAUTH_PROVIDER

pytestmark = pytest.mark.fuzz

ANSWERS = {200, 401, 403}
PRESETS = ("keycloak", "auth0", "okta", "cognito", "openid")
CLAIMS = (
    "sub", "aud", "exp", "iat", "nbf", "scope", "scp", "azp", "cid", "client_id", "typ", "token_use", "realm_access",
    "resource_access", "roles", "permissions", "cognito:groups", "username", "uid", "act", "cnf", "acr", "amr",
    "auth_time", "preferred_username", "token_type", "nonce", "client_name", "gty",
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(NASTY).filter(lambda text: len(text) < 500),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("roles", "a", "jkt")), inner, max_size=2)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=PRESETS)
def issuer(request):
    with FakeIssuer(preset=request.param) as made:
        yield made


@pytest.fixture(autouse=True)
def _site(request, settings):
    if "issuer" in request.fixturenames:
        issuer = request.getfixturevalue("issuer")
        entry = issuer.settings(
            introspection=issuer.introspection(), role_scopes={"editor": "read"}, roles_from=None, permissions=True
        )
        settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"TRUSTED_ISSUERS": entry}
        settings.ROOT_URLCONF = "tests.issuers.api"


def _status(token: str) -> int:
    return Client().get("/anything", headers={"Authorization": f"Bearer {token}"}).status_code


@given(claims=st.dictionaries(st.sampled_from(CLAIMS), VALUES, max_size=5))
def test_claims_of_any_form(issuer, claims):
    assert _status(issuer.token(extra=claims)) in ANSWERS


@pytest.mark.parametrize("issuer", ["openid"], indirect=True)
@given(header=st.dictionaries(st.sampled_from(("alg", "typ", "kid", "crit", "jwk", "b64", "zip")), VALUES, max_size=3))
def test_headers_of_any_form(issuer, header):
    assert _status(issuer.token(header=header)) in ANSWERS


# What a preset reads of claims is shown above; each answer here costs a request to the issuer.
@pytest.mark.parametrize("issuer", ["openid"], indirect=True)
@given(claims=st.dictionaries(st.sampled_from((*CLAIMS, "active", "iss")), VALUES, max_size=5))
def test_answers_of_any_form_about_opaque_tokens(issuer, claims):
    introspection.forget()
    issuer.introspection_answer = {"active": True, "token_type": "Bearer", **issuer.claims(), **claims}
    assert _status("some-opaque-token") in ANSWERS | {503}


@given(members=st.dictionaries(st.sampled_from(("kty", "crv", "alg", "use", "key_ops", "kid", "n", "e", "x")), VALUES))
def test_keys_of_any_form(members):
    key = {**jws.key("RS256").jwk, **members}
    assert len(read_key_set(json.dumps({"keys": [key, jws.key("ES256").jwk]}).encode()).keys) >= 1


@given(document=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps({"keys": value}).encode()))
def test_key_sets_of_any_form(document):
    with contextlib.suppress(Unreadable):
        assert read_key_set(document).keys == ()


@pytest.mark.parametrize("issuer", ["openid"], indirect=True)
@given(metadata=st.dictionaries(st.sampled_from(("issuer", "jwks_uri", "introspection_endpoint")), VALUES, max_size=2))
def test_metadata_of_any_form(issuer, metadata, monkeypatch):
    jwks.forget()
    right = issuer._metadata()
    monkeypatch.setattr(issuer, "_metadata", lambda: right | metadata)
    assert _status(issuer.token()) in ANSWERS | {503}
    monkeypatch.undo()
    jwks.forget()
