"""Authlib as a client: it knows nothing of this provider but its metadata."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clients.serve import CALLBACK
from tests.flow import query_of

pytestmark = pytest.mark.live


@pytest.fixture
def metadata(site) -> dict[str, Any]:
    return fetch(f"{site.url}/.well-known/openid-configuration")


@pytest.fixture
def web_app(site):
    return site.clients["web"]


@pytest.fixture
def native_app(site):
    return site.clients["native"]


@pytest.fixture
def machine(site):
    return site.clients["machine"]


@pytest.fixture
def api(site):
    return site.clients["api"]


@pytest.fixture(autouse=True)
def _insecure_transport(monkeypatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def fetch(url: str) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(url, timeout=30)
    assert response.status_code == 200, response.text
    return response.json()


def session_of(client, **changes) -> OAuth2Session:
    session = OAuth2Session(
        client.client_id,
        client.secret,
        redirect_uri=CALLBACK,
        scope=changes.pop("scope", "openid read"),
        code_challenge_method="S256",
        token_endpoint_auth_method=changes.pop("method", "client_secret_basic"),
        **changes,
    )
    session.trust_env = False
    return session


def sign_in(session, metadata, browser, **changes) -> tuple[dict[str, Any], str]:
    """The code flow; the token response and the nonce that was sent."""
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **changes
    )
    answer = browser.decide(url)
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier
    )
    return token, nonce


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_code_flow_ends_with_an_id_token_that_the_published_keys_verify(metadata, browser, web_app, site, method):
    token, nonce = sign_in(session_of(web_app, method=method), metadata, browser)
    keys = KeySet.import_key_set(fetch(metadata["jwks_uri"]))
    decoded = jwt.decode(token["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={"iss": {"value": site.url}, "aud": {"value": web_app.client_id}},
        params={"nonce": nonce, "client_id": web_app.client_id, "access_token": token["access_token"]},
    )
    claims.validate(leeway=5)
    assert token["token_type"] == "Bearer"
    assert token["scope"].split() == ["openid", "read"]
    assert fetch_userinfo(metadata, token["access_token"]).json() == {"sub": claims["sub"]}


def test_access_token_is_a_jwt_that_the_published_keys_verify(metadata, browser, web_app, site):
    token, _ = sign_in(session_of(web_app), metadata, browser)
    keys = KeySet.import_key_set(fetch(metadata["jwks_uri"]))
    decoded = jwt.decode(token["access_token"], keys, algorithms=["RS256", "ES256", "EdDSA", "Ed25519"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.claims["iss"] == site.url
    assert decoded.claims["client_id"] == web_app.client_id


def test_public_client_signs_in_with_pkce_alone(metadata, browser, native_app):
    token, _ = sign_in(session_of(native_app, method="none"), metadata, browser)
    assert fetch_userinfo(metadata, token["access_token"]).status_code == 200


def test_public_client_without_its_verifier_gets_nothing(metadata, browser, native_app):
    session = session_of(native_app, method="none")
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=generate_token(48))
    answer = browser.decide(url)
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(
            metadata["token_endpoint"],
            authorization_response=answer,
            state=state,
            code_verifier=generate_token(48),
        )
    assert refused.value.error == "invalid_grant"


def test_expired_token_is_refreshed_by_the_session_itself(metadata, browser, web_app):
    kept = []
    session = session_of(
        web_app,
        token_endpoint=metadata["token_endpoint"],
        update_token=lambda token, **_: kept.append(token),
    )
    first, _ = sign_in(session, metadata, browser)
    session.token = {**first, "expires_at": 1}
    response = session.get(metadata["userinfo_endpoint"])
    assert response.status_code == 200
    assert kept[0]["refresh_token"] != first["refresh_token"]
    assert kept[0]["access_token"] != first["access_token"]


def test_revoked_refresh_token_ends_what_was_issued_with_it(metadata, browser, web_app):
    session = session_of(web_app)
    token, _ = sign_in(session, metadata, browser)
    response = session.revoke_token(
        metadata["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    )
    assert response.status_code == 200
    assert fetch_userinfo(metadata, token["access_token"]).status_code == 401
    with pytest.raises(OAuthError) as refused:
        session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_resource_server_introspects_a_token_until_it_is_revoked(metadata, browser, web_app, api, site):
    session = session_of(web_app)
    token, _ = sign_in(session, metadata, browser)
    asking = session_of(api)
    alive = asking.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert alive["active"] is True
    assert (alive["client_id"], alive["iss"], alive["aud"]) == (web_app.client_id, site.url, site.url)
    session.revoke_token(metadata["revocation_endpoint"], token=token["access_token"])
    gone = asking.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert gone == {"active": False}


def test_machine_gets_a_token_for_itself(metadata, machine, api):
    token = session_of(machine, scope="read").fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert "refresh_token" not in token
    seen = session_of(api).introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    assert (seen.json()["sub"], seen.json()["scope"]) == (machine.client_id, "read")


def test_wrong_secret_is_invalid_client(metadata, machine):
    session = session_of(machine, scope="read")
    session.client_secret = "wrong"
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert refused.value.error == "invalid_client"


def test_denied_request_comes_back_as_access_denied(metadata, browser, web_app):
    session = session_of(web_app)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=generate_token(48), prompt="consent"
    )
    # Authlib leaves reading an error to the application.
    answer = query_of(browser.decide(url, "deny"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", state, metadata["issuer"])


def fetch_userinfo(metadata, access_token: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(
            metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}, timeout=30
        )
