"""What the tour prints: requests and answers as a guide shows them, and a ✓ for each thing checked."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from demo_project.shown import shorten
from demo_project.tour.failures import StepFailed
from demo_project.tour.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from demo_project.tour.http import Answer, Request

_SHOWN_HEADERS = ("Location", "WWW-Authenticate", "Cache-Control", "Access-Control-Allow-Origin")
_NOT_SHOWN_FIELDS = {"csrfmiddlewaretoken"}
# A list of plain values fits on one line.
_LIST = re.compile(r"\[[^\[\]{}]*\]")
_LONGEST_LINE = 100


class Console:
    """Prints to standard output, one line at a time."""

    def __init__(self) -> None:
        self._is_quiet = False
        self._is_coloured = sys.stdout.isatty()
        self.checked = 0

    def step(self, number: int, title: str) -> None:
        """Head a step."""
        self._print("")
        self._print(self._in(f"━━ {number} · {title} ".ljust(_LONGEST_LINE, "━"), "1"))

    def say(self, sentence: str) -> None:
        """Say what happens next and who does it."""
        self._print("")
        self._print(f"  {sentence}")

    def check(self, held: object, sentence: str) -> None:
        """Print what was checked; raise StepFailed when it did not hold."""
        if not held:
            self._print(self._in(f"  ✗ {sentence}", "1;31"))
            raise StepFailed(sentence)
        self.checked += 1
        if not self._is_quiet:
            self._print(self._in(f"  ✓ {sentence}", "32"))

    def asked(self, request: Request) -> None:
        """Print a request, long values shortened; before it is sent, so that the operator's log comes after it."""
        if self._is_quiet:
            return
        self._print("")
        for line in _request_lines(request):
            self._print(f"    → {shorten(line)}")

    def answered(self, answer: Answer) -> None:
        """Print an answer, long values shortened."""
        if self._is_quiet:
            return
        for line in _answer_lines(answer):
            self._print(self._in(f"    ← {shorten(line)}", "36"))

    @contextmanager
    def quietly(self, sentence: str) -> Iterator[None]:
        """Do again what was shown before, in one line."""
        self._print("")
        self._print(f"  {sentence}")
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def _in(self, line: str, code: str) -> str:
        return f"\x1b[{code}m{line}\x1b[0m" if self._is_coloured else line

    def _print(self, line: str) -> None:
        print(line, flush=True)


def _request_lines(request: Request) -> Iterator[str]:
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    yield f"{request.method} {parts.path}" + (f"?{_pair(pairs[0])}" if pairs else "")
    yield from (f"      &{_pair(pair)}" for pair in pairs[1:])
    yield f"Host: {parts.netloc}"
    yield from (f"{name}: {value}" for name, value in request.headers.items())
    if request.json is not None:
        yield json.dumps(request.json)
    yield from _form_lines([pair for pair in request.form if pair[0] not in _NOT_SHOWN_FIELDS])


def _form_lines(form: Sequence[tuple[str, str]]) -> Iterator[str]:
    for place, (name, value) in enumerate(form):
        shown = "········" if name == "password" else value
        yield ("  " if place == 0 else " &") + _pair((name, shown))


def _pair(pair: tuple[str, str]) -> str:
    return f"{pair[0]}={pair[1]}"


def _answer_lines(answer: Answer) -> Iterator[str]:
    yield f"{answer.status} {answer.reason}"
    yield from (f"{name}: {answer.header(name)}" for name in _SHOWN_HEADERS if answer.header(name))
    if answer.is_html and answer.text:
        page = Page(answer.text)
        buttons = "  ".join(f"[{value}]" for form in page.forms for _, value in form.buttons if value)
        yield f"page “{page.title}” {buttons}".rstrip()
    elif answer.text:
        try:
            members = json.dumps(json.loads(answer.text), indent=2, ensure_ascii=False)
            yield from _LIST.sub(lambda found: " ".join(found[0].split()), members).splitlines()
        except ValueError:
            yield answer.text[:_LONGEST_LINE]
