"""Authlib's OpenID Connect client, as a Django site uses it: the issuer's metadata is all it is told."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.django_client import OAuth
from django.test import RequestFactory
from joserfc.errors import JoseError

from tests.clients.serve import CALLBACK
from tests.flow import query_of

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _this_machine_alone(monkeypatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def shop(site) -> Any:
    """A relying party with one line of configuration."""
    client = site.clients["web"]
    return OAuth().register(
        "site",
        client_id=client.client_id,
        client_secret=client.secret,
        server_metadata_url=f"{site.url}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )


class Visit:
    """One person's session at the relying party."""

    def __init__(self, shop: Any, browser: Any) -> None:
        self.shop, self.browser = shop, browser
        self.session = import_module("django.contrib.sessions.backends.signed_cookies").SessionStore()

    def request(self, path: str) -> Any:
        request = RequestFactory().get(path)
        request.session = self.session
        return request

    def asks(self, **parameters: str) -> str:
        return self.shop.authorize_redirect(self.request("/sign-in"), CALLBACK, **parameters)["Location"]

    def lands(self, answer: str) -> dict[str, Any]:
        parts = urlsplit(answer)
        return self.shop.authorize_access_token(self.request(f"{parts.path}?{parts.query}"))

    def signs_in(self, **parameters: str) -> dict[str, Any]:
        return self.lands(self.browser.decide(self.asks(**parameters)))


@pytest.fixture
def visit(shop, browser) -> Visit:
    return Visit(shop, browser)


def test_sign_in_is_validated_and_userinfo_is_of_the_same_person(visit, site):
    """Issuer, audience, nonce, times, at_hash and the signature by the published keys are Authlib's to check."""
    token = visit.signs_in()
    claims = token["userinfo"]
    assert (claims["iss"], claims["aud"]) == (site.url, site.clients["web"].client_id)
    assert claims["nonce"]
    assert "email" not in claims
    told = visit.shop.userinfo(token=token)
    assert told["sub"] == claims["sub"]
    assert (told["preferred_username"], told["email"]) == ("alice", "alice@people.example")


def test_answer_to_another_nonce_is_refused(visit):
    address = visit.asks()
    sent = query_of(address)["nonce"]
    answer = visit.browser.decide(address.replace(sent, "n" * len(sent)))
    with pytest.raises(JoseError, match="nonce"):
        visit.lands(answer)


def test_answer_to_another_session_is_refused(visit, shop, browser):
    answer = browser.decide(visit.asks())
    with pytest.raises(MismatchingStateError):
        Visit(shop, browser).lands(answer)


def test_silent_sign_in_needs_nobody_once_there_is_consent_and_fails_without_a_session(visit, site):
    with pytest.raises(OAuthError, match="login_required"):
        visit.lands(visit.browser.go(visit.asks(prompt="none")))
    first = visit.signs_in()["userinfo"]
    address = visit.asks(prompt="none")
    answer = visit.browser.go(address)
    assert isinstance(answer, str), "nobody was to be asked"
    again = visit.lands(answer)["userinfo"]
    assert (again["sub"], again["auth_time"]) == (first["sub"], first["auth_time"])


def test_refreshed_sign_in_is_the_same_person_with_the_same_time_of_sign_in(visit, site):
    """OpenID Connect Core §12.2."""
    token = visit.signs_in()
    metadata = visit.shop.load_server_metadata()
    with visit.shop._get_oauth_client(**metadata) as session:
        fresh = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["refresh_token"] != token["refresh_token"]
    before, after = token["userinfo"], visit.shop.parse_id_token(fresh, nonce=None)
    assert {name: after[name] for name in ("iss", "sub", "aud", "auth_time")} == {
        name: before[name] for name in ("iss", "sub", "aud", "auth_time")
    }
