"""Ada with her browser: she signs in, chooses an organization, and allows what an agent asks for."""

from __future__ import annotations

from demo_project.tour.browser import Browser
from demo_project.tour.console import Console
from demo_project.tour.http import Answer
from demo_project.tour.page import Page

MOST_PAGES = 4
HARBOUR_CHOIR = "pick.organization.1"


class Person:
    """One browser; `pages` are the words of what she was shown."""

    def __init__(self, *, ticked: str = HARBOUR_CHOIR) -> None:
        self._browser = Browser(Console())
        self._ticked = ticked
        self.pages: list[str] = []

    def allow(self, url: str) -> None:
        """Walk an authorization request up to the agent's own address."""
        answer = self._browser.follow(self._browser.get(url))
        if 'name="password"' in answer.text:
            values = {"username": "demo", "password": "demo"}
            answer = self._browser.follow(self._browser.submit(answer, having="password", values=values))
        for _ in range(MOST_PAGES):
            if 'name="decision"' not in answer.text:
                return
            self.pages.append(Page(answer.text).text)
            answer = self._browser.follow(self._press_allow(answer))
        raise AssertionError(f"she was asked again and again: {self.pages}")

    def _press_allow(self, answer: Answer) -> Answer:
        return self._browser.submit(
            answer,
            having="request",
            button=("decision", "allow"),
            ticked=self._ticked if "pick." in answer.text else "",
        )
