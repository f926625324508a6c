"""One request, one answer; redirects are shown, not followed."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo_project.tour.failures import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from email.message import Message
    from http.cookiejar import CookieJar

TIMEOUT_SECONDS = 20

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: a method, an absolute URL and perhaps a form or a JSON body."""

    method: str
    url: str
    form: Sequence[tuple[str, str]] = ()
    json: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes | None:
        """The encoded body."""
        if self.json is not None:
            return json.dumps(self.json).encode()
        return urllib.parse.urlencode(self.form).encode() if self.method == "POST" else None

    @property
    def content_type(self) -> str:
        """How the body is encoded."""
        return "application/json" if self.json is not None else _FORM


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    url: str
    status: int
    reason: str
    headers: Message
    text: str

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return str(self.headers.get(name, ""))

    @property
    def location(self) -> str:
        """Where the answer sends the browser, as an absolute URL; empty when nowhere."""
        found = self.header("Location")
        return urllib.parse.urljoin(self.url, found) if found else ""

    @property
    def members(self) -> dict[str, Any]:
        """The members of a JSON answer."""
        try:
            found = json.loads(self.text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StepFailed(f"{self.url} answered {self.status} without a JSON object: {self.text[:200]!r}")
        return found

    @property
    def is_html(self) -> bool:
        """Whether the answer is a page."""
        return self.header("Content-Type").startswith("text/html")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def send(request: Request, *, cookies: CookieJar | None = None) -> Answer:
    """Send the request as it is; any status is an answer."""
    headers = dict(request.headers)
    if request.body is not None:
        headers.setdefault("Content-Type", request.content_type)
    outgoing = urllib.request.Request(request.url, data=request.body, headers=headers, method=request.method)
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    if cookies is not None:
        opener.add_handler(urllib.request.HTTPCookieProcessor(cookies))
    try:
        with opener.open(outgoing, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(request.url, answer.status, answer.reason, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(request.url, error.code, error.reason, error.headers, error.read().decode())


def basic(client_id: str, client_secret: str) -> dict[str, str]:
    """The header of HTTP Basic authentication (RFC 6749 §2.3.1)."""
    pair = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(client_secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def bearer(access_token: str) -> dict[str, str]:
    """The header that presents an access token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {access_token}"}


def query_of(url: str) -> dict[str, str]:
    """The query parameters of a URL, each given once."""
    pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise StepFailed(f"a parameter stands twice in {url}")
    return dict(pairs)
