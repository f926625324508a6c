"""A small browser: it keeps cookies, presses buttons, and shows every hop it takes."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from demo_project.tour.failures import StepFailed
from demo_project.tour.http import Answer, Request, send
from demo_project.tour.page import Page

if TYPE_CHECKING:
    from demo_project.tour.console import Console

MAX_HOPS = 10


class Browser:
    """One person's browser."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._cookies = CookieJar()

    def get(self, url: str) -> Answer:
        """Open an address; a redirect is an answer."""
        return self._send(Request("GET", url))

    def submit(
        self,
        answer: Answer,
        *,
        having: str,
        values: dict[str, str | list[str]] | None = None,
        button: tuple[str, str] | None = None,
        ticked: str = "",
    ) -> Answer:
        """Fill in the form that has this field, tick what begins so, press the button, and take the answer."""
        form = Page(answer.text).form(having=having)
        if form.method != "post":
            raise StepFailed(f"the form on {answer.url} is not sent by POST")
        sent = form.filled(values=values or {}, button=button, ticked=ticked)
        return self._send(Request("POST", urljoin(answer.url, form.action), form=sent))

    def allow(self, answer: Answer, *, having: str = "request") -> Answer:
        """Press Allow, for each of the things that can be chosen."""
        return self.submit(answer, having=having, button=("decision", "allow"), ticked="pick.")

    def press(self, answer: Answer, *, action: str) -> Answer:
        """Send the form that goes to this path, as it stands on the page."""
        form = next((form for form in Page(answer.text).forms if form.action == action), None)
        if form is None:
            raise StepFailed(f"{answer.url} has no form that goes to {action}")
        sent = form.filled(values={}, button=None)
        return self._send(Request("POST", urljoin(answer.url, form.action), form=sent))

    def follow(self, answer: Answer, *, until: str = "") -> Answer:
        """Go where answers and pages send the browser, up to the first address that starts with `until`."""
        for _ in range(MAX_HOPS):
            target = answer.location or _moves_to(answer)
            if not target:
                return answer
            answer = self.get(target)
            if until and target.startswith(until):
                return answer
        raise StepFailed(f"more than {MAX_HOPS} redirects, the last to {answer.location}")

    def _send(self, request: Request) -> Answer:
        self._console.asked(request)
        answer = send(request, cookies=self._cookies)
        self._console.answered(answer)
        return answer


def _moves_to(answer: Answer) -> str:
    if not answer.is_html:
        return ""
    target = Page(answer.text).moves_to
    return urljoin(answer.url, target) if target else ""
