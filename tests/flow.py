"""The flow as a client and a browser see it: nothing here knows how the provider works inside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client as Browser

from oauth_provider.models import Client


@dataclass(frozen=True)
class Registered:
    """A client with the secret it was shown once."""

    row: Client
    secret: str | None

    @property
    def client_id(self) -> str:
        return self.row.client_id

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return verifier, challenge


def post_form(browser: Browser, path: str, data: dict[str, Any] | list[tuple[str, str]] | str, **headers: Any):
    """POST `application/x-www-form-urlencoded`, as clients do."""
    body = data if isinstance(data, str) else urlencode(data, doseq=True)
    return browser.post(path, body, content_type="application/x-www-form-urlencoded", **headers)


def query_of(location: str) -> dict[str, str]:
    """The query of a redirect, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}


def field_of(response, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', response.content.decode())
    assert found, f"no field {name} on the page"
    return html.unescape(found[1])


def refreshed_to(page) -> str:
    """Where a page goes on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0;\s*url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return html.unescape(found[1])


def after_sign_in(browser: Browser, signed_in):
    """The page a sign-in leads to, by the page between the two."""
    return browser.get(refreshed_to(browser.get(signed_in["Location"])))


@dataclass
class Flow:
    """One person's browser walking authorization requests."""

    browser: Browser = field(default_factory=Browser)
    verifier: str = ""

    def authorize(self, client: Registered, **changes: Any):
        """GET /authorize with a proper request, changed as named; None leaves a parameter out."""
        self.verifier, challenge = pkce()
        parameters = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.row.redirect_uris[0] if client.row.redirect_uris else None,
            "scope": "read",
            "state": "xyz123",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        parameters = {name: value for name, value in parameters.items() if value is not None}
        return self.browser.get("/authorize", parameters)

    def decide(self, page, decision: str = "allow"):
        """Answer a consent page; returns the page that goes on to the client."""
        request_id = field_of(page, "request")
        response = post_form(self.browser, "/authorize/decision", {"request": request_id, "decision": decision})
        assert response.status_code == 303, response.content
        return self.browser.get(response["Location"])

    def location(self, client: Registered, decision: str = "allow", **changes: Any) -> str:
        """Walk to the redirect that carries the answer."""
        response = self.authorize(client, **changes)
        if response.status_code == 200:
            return refreshed_to(self.decide(response, decision))
        assert response.status_code == 303, response.content
        return response["Location"]

    def code(self, client: Registered, **changes: Any) -> str:
        """An authorization code."""
        answer = query_of(self.location(client, **changes))
        assert "code" in answer, answer
        return answer["code"]

    def redeem(self, client: Registered, code: str, **changes: Any):
        """POST the code to /token."""
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.row.redirect_uris[0],
            "code_verifier": self.verifier,
            "client_id": client.client_id,
            "client_secret": client.secret,
            **changes,
        }
        return post_form(Browser(), "/token", {name: value for name, value in parameters.items() if value is not None})

    def tokens(self, client: Registered, **changes: Any) -> dict[str, Any]:
        """The token response of a whole code flow."""
        response = self.redeem(client, self.code(client, **changes))
        assert response.status_code == 200, response.content
        return response.json()


def refresh(client: Registered, refresh_token: str, **changes: Any):
    """POST a refresh token to /token."""
    parameters = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client.client_id,
        "client_secret": client.secret,
        **changes,
    }
    return post_form(Browser(), "/token", {name: value for name, value in parameters.items() if value is not None})


def machine_token(client: Registered, **changes: Any):
    """POST client credentials to /token."""
    parameters = {"grant_type": "client_credentials", **changes}
    return post_form(Browser(), "/token", parameters, HTTP_AUTHORIZATION=client.basic)


def claims_of(access_token: str) -> dict[str, Any]:
    """What a JWT access token says; checked by nobody here."""
    payload = access_token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def userinfo(access_token: str):
    """GET /userinfo with a bearer token: whether it is alive."""
    return Browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {access_token}")
