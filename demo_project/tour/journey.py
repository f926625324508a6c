"""What the steps share: where the site is, who travels, and what was brought along so far."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from demo_project.tour.browser import Browser
from demo_project.tour.failures import StepFailed
from demo_project.tour.http import Answer, Request, basic, bearer, query_of, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo_project.tour.client_app import ClientApp
    from demo_project.tour.console import Console


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret; the secret of a public client is empty."""

    client_id: str
    client_secret: str = ""

    @property
    def in_body(self) -> dict[str, str]:
        """Sent as form fields, as the guide shows."""
        own = {"client_id": self.client_id}
        return {**own, "client_secret": self.client_secret} if self.client_secret else own

    @property
    def in_header(self) -> dict[str, str]:
        """Sent as HTTP Basic."""
        return basic(self.client_id, self.client_secret)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token request brought."""

    access_token: str
    refresh_token: str = ""


@dataclass(slots=True)
class Journey:
    """Filled in by the steps, in their order."""

    origin: str
    apps_origin: str
    console: Console
    client_app: ClientApp
    machine: Credentials
    tv: Credentials
    api: Credentials
    person: Browser = field(init=False)
    app: Credentials | None = None
    code: str = ""
    verifier: str = ""
    tokens: Tokens | None = None

    def __post_init__(self) -> None:
        self.person = Browser(self.console)

    # What later steps rely on

    def need_app(self) -> Credentials:
        """The client registered in step 2."""
        if self.app is None:
            raise StepFailed("step 2 registered no client")
        return self.app

    def need_tokens(self) -> Tokens:
        """The tokens of step 4."""
        if self.tokens is None:
            raise StepFailed("step 4 brought no tokens")
        return self.tokens

    # One request and its answer, printed

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path of the site, without cookies."""
        return self._send(Request("GET", f"{self.origin}{path}", headers=headers or {}))

    def post(self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a form to the site, without cookies."""
        return self._send(Request("POST", f"{self.origin}{path}", form=list(form.items()), headers=headers or {}))

    def post_json(self, path: str, body: Mapping[str, object], *, headers: Mapping[str, str]) -> Answer:
        """POST a JSON body to the site, without cookies."""
        return self._send(Request("POST", f"{self.origin}{path}", json=body, headers=headers))

    def preflight(self, path: str, *, method: str, origin: str) -> Answer:
        """What a browser asks before a page of another origin may call (Fetch §3.2.2)."""
        headers = {"Origin": origin, "Access-Control-Request-Method": method}
        return self._send(Request("OPTIONS", f"{self.origin}{path}", headers=headers))

    def call_api(self, access_token: str, *, path: str = "/api/user-profile") -> Answer:
        """Call the API with an access token."""
        return self.get(path, headers=bearer(access_token))

    def _send(self, request: Request) -> Answer:
        self.console.asked(request)
        answer = send(request)
        self.console.answered(answer)
        return answer

    # The code flow, for steps that need fresh tokens

    def authorize_url(self, **changed: str | None) -> str:
        """The address a client sends the browser to; `None` leaves a parameter out."""
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.need_app().client_id,
            "redirect_uri": self.client_app.redirect_uri,
            "scope": "read write",
            "state": "xyz123",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        sent = {name: value for name, value in query.items() if value is not None}
        return f"{self.origin}/authorize?{urlencode(sent)}"

    def arrive(self, answer: Answer) -> dict[str, str]:
        """Follow the browser back to the client and return the parameters that arrived there."""
        self.person.follow(answer, until=self.client_app.redirect_uri)
        arrived = self.client_app.take_arrived()
        if len(arrived) != 1:
            raise StepFailed(f"the browser came back to the client {len(arrived)} times, not once")
        return query_of(arrived[0])

    def fetch_code(self, **changed: str | None) -> str:
        """A code for the signed-in person; she is asked when she has not allowed these scopes yet."""
        answer = self.person.get(self.authorize_url(**changed))
        if not answer.location.startswith(self.client_app.redirect_uri):
            answer = self._answer_consent(answer)
        code = self.arrive(answer).get("code", "")
        self.console.check(code, "the client got a code")
        return code

    def _answer_consent(self, answer: Answer) -> Answer:
        while answer.location and not answer.location.startswith(self.client_app.redirect_uri):
            answer = self.person.get(answer.location)
        if answer.location or 'name="decision"' not in answer.text:
            return answer
        return self.person.allow(answer)

    def exchange(self, code: str) -> Answer:
        """Exchange a code for tokens, id and secret in the body."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client_app.redirect_uri,
            **self.need_app().in_body,
            "code_verifier": self.verifier,
        }
        return self.post("/token", form)

    def fetch_tokens(self, **changed: str | None) -> Tokens:
        """Fresh tokens by the whole code flow."""
        answer = self.exchange(self.fetch_code(**changed))
        self.console.check(answer.status == 200, "the code was exchanged")
        return tokens_in(answer.members)

    def refresh(self, refresh_token: str) -> Answer:
        """Spend a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.need_app().in_body}
        return self.post("/token", form)


def tokens_in(members: Mapping[str, Any]) -> Tokens:
    """The tokens of a token response."""
    return Tokens(str(members["access_token"]), str(members.get("refresh_token", "")))
