"""Visiting a site as a client does, because an operator named its address: for `oauth_doctor --as-client`.

Nobody else's word leads here, so private addresses, http and any port are allowed. What remains of `fetch`: no
redirect is followed, an answer is short, and everything is over at a deadline.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import Timeout

from oauth_provider.outbound.deadline import Deadline
from oauth_provider.outbound.refused import Refused
from oauth_provider.outbound.watched import Watched, WatchedTLS

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

MAX_BYTES = 262_144
DEADLINE_SECONDS = 10.0


class Untrusted(Refused):
    """There is a server, and its certificate is not one to trust."""


@dataclass(frozen=True, slots=True)
class Visited:
    """An answer, redirects among them; `headers` by lower-case name, `cookies` as the Set-Cookie headers say."""

    url: str
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes = field(repr=False)
    certificate_ends: datetime | None = None


def visit(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    deadline: float = DEADLINE_SECONDS,
) -> Visited:
    """Ask once; raises Untrusted for a certificate that does not hold, Refused for whatever else has no answer."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise Refused("it is no http or https URL with a host")
    sent = {"User-Agent": "django-oauth-provider doctor", "Accept-Encoding": "identity", **(headers or {})}
    body = None
    if form is not None:
        sent["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(form)
    seen: dict[str, Any] = {}
    with Deadline(deadline) as until:
        pool = _pool(parts.scheme, parts.hostname, parts.port, deadline=until, seen=seen)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            left = until.left()
            with closing(
                pool.urlopen(
                    method, target, body=body, headers=sent, redirect=False, retries=False, preload_content=False,
                    decode_content=False, timeout=Timeout(connect=left, read=left),
                )
            ) as response:  # fmt: skip
                return _read(url, response, ends=seen.get("ends"))
        except SSLError as error:
            raise Untrusted(_reason(error)) from error
        except (HTTPError, OSError) as error:
            raise Refused(until.reason if until.is_over else f"no answer: {_reason(error)}") from error
        finally:
            pool.close()


def _reason(error: BaseException) -> str:
    """The innermost words: urllib3 wraps them in the addresses of its objects."""
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    return getattr(inner, "verify_message", "") or getattr(inner, "strerror", None) or type(inner).__name__


def _pool(scheme: str, host: str, port: int | None, *, deadline: Deadline, seen: dict[str, Any]) -> HTTPConnectionPool:
    if scheme == "https":
        pool: Any = urllib3.HTTPSConnectionPool(host, port, maxsize=1, ssl_context=ssl.create_default_context())
        pool.ConnectionCls = partial(_Https, deadline=deadline, seen=seen)
    else:
        pool = urllib3.HTTPConnectionPool(host, port, maxsize=1)
        pool.ConnectionCls = partial(Watched, deadline=deadline)
    return pool  # type: ignore[no-any-return]


class _Https(WatchedTLS):
    """Notes until when the certificate holds."""

    def __init__(self, *args: Any, seen: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = seen

    def connect(self) -> None:
        super().connect()
        certificate: dict[str, Any] = getattr(self.sock, "getpeercert", dict)() or {}
        if "notAfter" in certificate:
            seconds = ssl.cert_time_to_seconds(certificate["notAfter"])
            self._seen["ends"] = datetime.fromtimestamp(seconds, tz=UTC)


def _read(url: str, response: BaseHTTPResponse, *, ends: datetime | None) -> Visited:
    body = b""
    while chunk := response.read(MAX_BYTES + 1 - len(body), decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Refused(f"its answer is longer than {MAX_BYTES} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    cookies = tuple(response.headers.getlist("Set-Cookie"))
    return Visited(url, response.status, headers, cookies, body, ends)
