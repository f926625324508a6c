"""One request and its answer as they went over the wire, shortened so that nobody can use what is shown."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from demo_project.shown import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest
    from requests import PreparedRequest, Response

_REQUEST_HEADERS = ("Authorization", "Content-Type")
_ANSWER_HEADERS = ("Location", "WWW-Authenticate", "Content-Type", "Cache-Control", "Retry-After")
_LONGEST_BODY = 4000
# Short or not: who has these has what they open.
_SECRETS = frozenset({"code", "code_verifier", "client_secret", "device_code", "token", "refresh_token"})
# A list of plain values fits on one line.
_LIST = re.compile(r"\[[^\[\]{}]*\]")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Who asked, what, and what was answered; a status of 0 where the answer goes to somebody else."""

    sender: str
    method: str
    address: str
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: str = ""
    status: int = 0
    reason: str = ""
    answer_headers: tuple[str, ...] = ()
    answer_body: str = ""

    @property
    def path(self) -> str:
        """The address without its scheme and host, for a line of a list."""
        return urlsplit(self.address).path

    @property
    def host(self) -> str:
        """Who was asked."""
        return urlsplit(self.address).netloc

    @property
    def is_refused(self) -> bool:
        """Whether the answer says no."""
        return self.status >= 400

    def as_dict(self) -> dict[str, Any]:
        """What a session can keep."""
        return asdict(self)


def sent(response: Response) -> Exchange:
    """What this app's server asked, read off the request that really went out, and its answer."""
    request = response.request
    return Exchange(
        sender="This app’s server",
        method=str(request.method),
        headers=_headers(request.headers, _REQUEST_HEADERS),
        body=_request_body(request),
        status=response.status_code,
        reason=response.reason,
        answer_headers=_headers(response.headers, _ANSWER_HEADERS),
        answer_body=_answer_body(response),
        **_address(str(request.url)),
    )


def arrived(request: HttpRequest) -> Exchange:
    """A request of the person's browser that arrived here."""
    url = request.build_absolute_uri()
    return Exchange(sender="Your browser", method=str(request.method), **_address(url))


def sent_away(url: str) -> Exchange:
    """Where the person's browser was told to go. Its answer is a page for the person, which this app never sees."""
    return Exchange(sender="Your browser", method="GET", **_address(url))


def _address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "address": parts._replace(query="", fragment="").geturl(),
        "query": _pairs(parse_qsl(parts.query, keep_blank_values=True)),
    }


def _headers(found: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}: {shorten(str(found[name]))}" for name in names if name in found)


def _pairs(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name}={_shown(name, value)}" for name, value in pairs)


def _shown(name: str, value: str) -> str:
    shortened = shorten(value)
    return f"{value[:8]}…" if name in _SECRETS and shortened == value and len(value) > 8 else shortened


def _request_body(request: PreparedRequest) -> str:
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    if str(request.headers.get("Content-Type", "")).startswith("application/x-www-form-urlencoded"):
        return "\n&".join(_pairs(parse_qsl(body, keep_blank_values=True)))
    return shorten(body)


def _answer_body(response: Response) -> str:
    if not response.headers.get("Content-Type", "").startswith(("application/json", "application/jwk-set+json")):
        return f"({len(response.content)} bytes)" if response.content else ""
    try:
        written = json.dumps(response.json(), indent=2, ensure_ascii=False)
    except ValueError:
        return "(not JSON)"
    shown = shorten(_LIST.sub(lambda found: " ".join(found[0].split()), written))
    return shown if len(shown) <= _LONGEST_BODY else f"{shown[:_LONGEST_BODY]}\n…"
