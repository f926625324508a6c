"""A person in front of Chromium: what they open, type and press."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests

from tests.flow import pkce, query_of

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

    from tests.clients.live_site import LiveSite


class Person:
    """One browser window of somebody with an account at the site."""

    def __init__(self, site: LiveSite, page: Page) -> None:
        self.site, self.page = site, page
        self.broken: list[str] = []
        self.posted: list[str] = []
        self.answers: list[Response] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("request", self._count)
        page.on("response", lambda answer: self.answers.append(answer))  # noqa: PLW0108  # playwright marks it

    def _hear(self, message: Any) -> None:
        # A status of 400 or more is printed too; a policy that refuses something is what must not happen.
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.broken.append(message.text)

    def _count(self, request: Any) -> None:
        if request.method == "POST":
            self.posted.append(request.url)

    def ask(self, name: str, redirect_uri: str, **changes: str) -> str:
        """The address of an authorization request of a client."""
        parameters = {
            "response_type": "code",
            "client_id": self.site.clients[name].client_id,
            "redirect_uri": redirect_uri,
            "scope": "read write",
            "state": "xyz123",
            "code_challenge": pkce()[1],
            "code_challenge_method": "S256",
            "prompt": "consent",
            **changes,
        }
        return f"{self.site.url}/authorize?{urlencode(parameters)}"

    def open(self, address: str) -> None:
        self.page.goto(address if "://" in address else f"{self.site.url}{address}")

    def sign_in(self, name: str = "alice", password: str | None = None) -> None:
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password or f"{name}-password")
        self.press("Sign in")
        # The page between the sign-in and what waited for it goes on by itself.
        self.page.wait_for_url(lambda url: "signed_in=yes" not in url)

    def press(self, words: str) -> None:
        # The next page, not what is still to be seen of this one.
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words, exact=True).click()

    def link_mailed_to(self, address: str, path: str, *, about: str = "Notes for Web") -> str:
        """The link with this path in the newest mail to this address about this app; it may be of a test before."""
        mails = [mail for mail in self.site.mails() if mail["To"] == address and about in mail["Subject"]]
        return re.search(rf"http\S+{re.escape(path)}\S+", mails[-1].get_body(("plain",)).get_content())[0]

    @property
    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    def answer_at(self, address: str) -> dict[str, str]:
        """Wait until the browser stands at an app; the parameters it brought."""
        self.page.wait_for_url(re.compile(rf"^{re.escape(address)}"))
        return query_of(self.page.url)

    def ask_on_tv(self) -> dict[str, Any]:
        """What the TV gets from the provider before it shows its code."""
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                f"{self.site.url}/device_authorization",
                {"client_id": self.site.clients["tv"].client_id},
                headers={"User-Agent": "NotesTV/2.1 (Linux; living room)"},
                timeout=30,
            )
        assert response.status_code == 200, response.text
        return response.json()
