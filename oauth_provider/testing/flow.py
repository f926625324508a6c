"""A browser and an app that walk the code flow of this site by HTTP, as far as `attacks` need it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client as Browser
from django.urls import reverse

from oauth_provider.conf import conf
from oauth_provider.models import Client

FORM = "application/x-www-form-urlencoded"
_REQUEST = re.compile(r'name="request"[^>]*value="([^"]*)"')
_GOES_ON = re.compile(r'http-equiv="refresh"[^>]*content="0;\s*url=([^"]+)"')


def is_secure() -> bool:
    """Whether requests come by https, as to the issuer: some sites redirect everything else."""
    return urlsplit(conf.ISSUER).scheme == "https"


def url(name: str) -> str:
    """The address of one of our endpoints, wherever the site mounts them."""
    return reverse(f"oauth_provider:{name}")


def get(browser: Browser, path: str, **more: Any) -> Any:
    """GET as the site is reached."""
    return browser.get(path, secure=is_secure(), **more)


def post(browser: Browser, path: str, data: dict[str, Any] | list[tuple[str, str]], **more: Any) -> Any:
    """POST a form as the site is reached."""
    return browser.post(path, urlencode(data), content_type=FORM, secure=is_secure(), **more)


def location_of(response: Any) -> str:
    """Where an answer leads: by redirect, or by a page that goes on by itself; empty for neither."""
    if "Location" in response.headers:
        return str(response.headers["Location"])
    found = _GOES_ON.search(response.content.decode(errors="replace"))
    return html.unescape(found[1]) if found else ""


def query_of(location: str) -> dict[str, str]:
    """The query of an address, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}


def request_id_of(page: Any) -> str:
    """The id of the request that a consent page is about; empty where it shows none."""
    found = _REQUEST.search(page.content.decode(errors="replace"))
    return html.unescape(found[1]) if found else ""


@dataclass(frozen=True)
class App:
    """A registered client with its secret, and the verifier of its present request."""

    row: Client
    secret: str | None = field(repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def client_id(self) -> str:
        return self.row.client_id

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """A right authorization request, changed as named; None leaves a parameter out."""
        wanted: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.row.redirect_uris[0],
            "scope": " ".join(self.row.allowed_scopes),
            "state": "state-of-the-app",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def authorize(self, browser: Browser, **changes: str | None) -> Any:
        """The answer to the authorization request."""
        return get(browser, f"{url('authorize')}?{urlencode(self.parameters(**changes))}")

    def redeem(self, code: str, **changes: str | None) -> Any:
        """The answer to the code, sent to the token endpoint."""
        wanted: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.row.redirect_uris[0],
            "client_id": self.client_id,
            "client_secret": self.secret,
            "code_verifier": self.verifier,
            **changes,
        }
        return post(Browser(), url("token"), {name: value for name, value in wanted.items() if value is not None})
