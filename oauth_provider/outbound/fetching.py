"""Fetching one URL, or only judging it."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Collection, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import urllib3
from django.db import connections
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError, SSLError
from urllib3.util import Timeout, make_headers, parse_url

from oauth_provider.conf import conf
from oauth_provider.outbound import addresses, crowd, urls
from oauth_provider.outbound.deadline import Deadline
from oauth_provider.outbound.refused import Busy, Refused
from oauth_provider.outbound.watched import Watched, WatchedTLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool

logger = logging.getLogger("oauth_provider.outbound")

MAX_BYTES = 65_536
DEADLINE_SECONDS = 5.0
LOOKUP_SECONDS = 2.0
_MOST_ADDRESSES = 4
_REDIRECTS = range(300, 400)
_SHOWN = 200
# Of a URL: login, query and fragment may be anything, and so are not logged.
_SECRET_PARTS = re.compile(r"(?<=//)[^/?#]*@|[?#].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status but a redirect; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent by POST: the body of a form, and the Authorization header; none where the form says it all."""

    body: bytes = field(repr=False)
    authorization: str = field(default="", repr=False)


def fetch(
    url: str,
    *,
    accept: str = "application/json",
    max_bytes: int = MAX_BYTES,
    deadline: float = DEADLINE_SECONDS,
    ports: Collection[int] = (urls.PORT,),
    form: Form | None = None,
    private: bool = False,
    at_once: int = crowd.AT_ONCE,
    spared: float | None = None,
) -> Fetched:
    """GET the URL, or POST the form to it, within so many seconds, all in all; raises Refused, after one line for the
    operator.

    `private` is for a URL the operator wrote and nobody else: it may lead to private addresses and any port, by a
    name or an address, and on loopback without TLS. `at_once` is how many may be at its host at the same time, `spared`
    for how many seconds a host in trouble is left alone.
    Never call it within a transaction: somebody else's server would hold our locks.
    """
    with _told(url), Deadline(deadline) as until:
        _check_no_transaction()
        wanted = urls.read_private(url) if private else urls.read(url, ports=ports)
        crowd.check(wanted.authority, seconds=spared)
        crowd.check(url, seconds=spared)
        with crowd.one_of_few(wanted.host, deadline=until, at_once=at_once):
            # Again: whoever was there before us may have found out.
            crowd.check(wanted.authority, seconds=spared)
            return _fetch(url, wanted, accept=accept, form=form, max_bytes=max_bytes, deadline=until)


def check(url: str, *, resolve: bool = False, ports: Collection[int] = (urls.PORT,)) -> None:
    """Raise Refused when the URL would not be fetched; nothing is connected to.

    With `resolve` its name is looked up, which takes up to two seconds, and must not be done within a transaction.
    What is public now may not be when it is fetched, so `fetch` looks again.
    """
    with _told(url), Deadline(LOOKUP_SECONDS) as until:
        wanted = urls.read(url, ports=ports)
        if resolve and not conf.EGRESS_PROXY:
            _check_no_transaction()
            addresses.public_addresses(wanted.host, wanted.port, deadline=until)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """One line for the operator."""
    try:
        yield
    except Refused as refused:
        logger.warning("not fetched: %r: %s", _SECRET_PARTS.sub("", url)[:_SHOWN], refused.reason)
        raise


def _check_no_transaction() -> None:
    for connection in connections.all(initialized_only=True):
        # Django's TestCase wraps each test in a transaction of its own and marks it; `durable=True` looks there too.
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise Refused("a database transaction is open: its locks would wait for another server")


def _fetch(
    url: str, wanted: urls.Url, *, accept: str, form: Form | None, max_bytes: int, deadline: Deadline
) -> Fetched:
    pools = _pools(wanted, deadline=deadline)
    try:
        with closing(_ask(pools, wanted, accept=accept, form=form, deadline=deadline)) as response:
            found = _read(response, max_bytes=max_bytes)
        # What we shut down ourselves looks like the end of a body without a length.
        deadline.left()
    except (HTTPError, OSError, Refused) as error:
        if deadline.is_over:
            crowd.note_trouble(url, deadline.reason)
            raise Refused(deadline.reason) from error
        if isinstance(error, Refused):
            raise
        raise Refused(f"its answer cannot be read: {error}") from error
    else:
        return found
    finally:
        for pool in pools:
            pool.close()


def _pools(wanted: urls.Url, *, deadline: Deadline) -> list[HTTPConnectionPool]:
    """A way to each address of the host, or the one through the proxy."""
    context = ssl.create_default_context()
    pools: list[HTTPConnectionPool]
    # The proxy is the way out; what is inside is not reached through it.
    if conf.EGRESS_PROXY and not wanted.is_private:
        pools = [_through_proxy(wanted, context)]
    else:
        look_up = addresses.private_addresses if wanted.is_private else addresses.public_addresses
        try:
            found = look_up(wanted.host, wanted.port, deadline=deadline)
        except Busy:  # that is not the host's trouble
            raise
        except Refused as refused:
            crowd.note_trouble(wanted.authority, refused.reason)
            raise
        if not wanted.is_tls:
            return _plain_pools(wanted, found, deadline=deadline)
        # The host of the connection is the address that was checked: it is not looked up again, so another answer
        # (DNS rebinding) comes too late. SNI and certificate are about the name.
        pools = [
            urllib3.HTTPSConnectionPool(
                address, wanted.port, maxsize=1, ssl_context=context, server_hostname=wanted.host
            )
            for address in found[:_MOST_ADDRESSES]
        ]
    for pool in pools:
        pool.ConnectionCls = partial(WatchedTLS, deadline=deadline)  # type: ignore[assignment]
    return pools


def _plain_pools(wanted: urls.Url, found: tuple[str, ...], *, deadline: Deadline) -> list[HTTPConnectionPool]:
    """Without TLS, to this machine itself and nowhere else; raises Refused."""
    if not all(map(addresses.is_loopback, found)):
        raise Refused("without TLS only this machine itself is spoken to")
    pools = [urllib3.HTTPConnectionPool(address, wanted.port, maxsize=1) for address in found[:_MOST_ADDRESSES]]
    for pool in pools:
        pool.ConnectionCls = partial(Watched, deadline=deadline)  # type: ignore[assignment]
    return pools


def _through_proxy(wanted: urls.Url, context: ssl.SSLContext) -> HTTPSConnectionPool:
    """By CONNECT: TLS goes from here to the host; the proxy looks the name up and decides where it may lead."""
    login = parse_url(conf.EGRESS_PROXY).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    manager = urllib3.ProxyManager(conf.EGRESS_PROXY, proxy_headers=headers, ssl_context=context, maxsize=1)
    pool: Any = manager.connection_from_host(wanted.host, wanted.port, scheme="https")
    return pool  # type: ignore[no-any-return]


def _ask(
    pools: list[HTTPConnectionPool], wanted: urls.Url, *, accept: str, form: Form | None, deadline: Deadline
) -> BaseHTTPResponse:
    """The answer of the first address that can be connected to."""
    headers = {
        "Host": wanted.authority,
        "Accept": accept,
        # Nothing is unpacked here, so nothing can unfold.
        "Accept-Encoding": "identity",
        "User-Agent": "django-oauth-provider",
        "Connection": "close",
    }
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if form.authorization:
            headers["Authorization"] = form.authorization
    reason = "its host cannot be reached"
    for tried, pool in enumerate(pools):
        left = deadline.left()
        try:
            return pool.urlopen(
                "GET" if form is None else "POST", wanted.target, body=None if form is None else form.body,
                headers=headers, redirect=False, retries=False, preload_content=False, decode_content=False,
                timeout=Timeout(connect=left / (len(pools) - tried), read=left),
            )  # fmt: skip
        except (NewConnectionError, ConnectTimeoutError) as error:
            reason = f"its host cannot be reached: {error}"
        except (SSLError, ProxyError) as error:
            reason = f"its host cannot be spoken to: {error}"
            break
    crowd.note_trouble(wanted.authority, reason)
    raise Refused(reason)


def _read(response: BaseHTTPResponse, *, max_bytes: int) -> Fetched:
    """The answer without more of its body than is allowed; raises Refused."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status in _REDIRECTS:
        raise Refused(f"it redirects (status {response.status})")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused("its answer is packed, which was not asked for")
    body = b""
    while chunk := response.read(max_bytes + 1 - len(body), decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise Refused(f"its answer is longer than {max_bytes} bytes")
    return Fetched(response.status, headers, body)
