"""Somebody in front of the demo: what they press, and all that their browser asked for and complained of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

    from tests.demo.process import Demo


class Visitor:
    def __init__(self, demo: Demo, page: Page) -> None:
        self.demo, self.page = demo, page
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.asked: list[Request] = []
        page.context.on("request", lambda request: self.asked.append(request))  # noqa: PLW0108  # playwright marks it
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not any(known in message.text for known in self.expected):
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.demo.apps}{path}")

    def sign_in(self, name: str = "demo") -> None:
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(name)
        self.press("Sign in")
        # The page between the sign-in and what waited for it goes on by itself.
        self.page.wait_for_url(lambda url: "signed_in=yes" not in url)

    def press(self, words: str) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def allow(self) -> None:
        """Press Allow, for each of the things that can be chosen."""
        for box in self.page.get_by_role("checkbox").all():
            box.check()
        self.page.get_by_role("button", name=re.compile("^Allow ")).click()

    def sees(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for()

    @property
    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def shown(self) -> list[str]:
        """The journal's lines, in the order in which it happened: `GET /api/notes 200`."""
        found = self.page.locator(".demo-exchange summary").evaluate_all(
            "all => all.map(each => ['.demo-line', '.demo-status']"
            ".map(part => each.querySelector(part)?.textContent ?? '').join(' ').trim())"
        )
        return found[::-1]

    def fetched(self) -> list[str]:
        """What scripts asked of the provider, in the order it was sent, as the journal writes it."""
        return [
            f"{request.method} {urlsplit(request.url).path} {request.response().status}"
            for request in self.asked
            if request.resource_type == "fetch" and request.method != "OPTIONS"
        ]
