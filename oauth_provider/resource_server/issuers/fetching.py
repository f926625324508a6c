"""Fetching from a trusted issuer, while a request waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oauth_provider import outbound
from oauth_provider.outbound import Fetched, Form, Refused

if TYPE_CHECKING:
    from oauth_provider.resource_server.issuers.trusted import TrustedIssuer

# Certificate chains (`x5c`) make JWK sets long.
MAX_BYTES = 262_144
DEADLINE_SECONDS = 3.0
# So many requests may ask one issuer about their tokens at the same time.
INTROSPECTIONS_AT_ONCE = 16
# After trouble nobody is let in by an answer that did not come; long enough for requests not to queue up for it.
SPARED_SECONDS = 2.0


def get(issuer: TrustedIssuer, url: str) -> Fetched:
    """The answer from this URL; raises Refused. Takes three seconds at most."""
    return _aside(issuer, url, form=None, deadline=DEADLINE_SECONDS)


def post(issuer: TrustedIssuer, url: str, *, form: Form, deadline: float) -> Fetched:
    """The answer to this form; raises Refused."""
    return _aside(issuer, url, form=form, deadline=deadline)


def _aside(issuer: TrustedIssuer, url: str, *, form: Form | None, deadline: float) -> Fetched:
    """Fetch on a thread of its own, which has no database connection and so no transaction.

    `outbound` refuses to be called within a transaction: its locks would wait for another server. With
    ATOMIC_REQUESTS every view is in one, also when its token is looked at, and nothing can be read without keys. Here
    that is bearable, and only here: the view's own code has not begun, so at that moment the transaction has locked
    nothing (SQLite in IMMEDIATE mode excepted), a process asks for keys once in ten minutes, and the deadline is
    short.
    """
    answer: list[Fetched | BaseException] = []
    private = urlsplit(url).netloc.lower() in issuer.private_hosts

    def run() -> None:
        try:
            answer.append(
                outbound.fetch(
                    url,
                    max_bytes=MAX_BYTES,
                    deadline=deadline,
                    form=form,
                    private=private,
                    at_once=INTROSPECTIONS_AT_ONCE,
                    spared=None if form is None else SPARED_SECONDS,
                )
            )
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            answer.append(error)

    thread = threading.Thread(target=run, name="oauth_provider.issuers", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # the machine has no thread left
        raise Refused("nobody fetched it: no thread is free") from error
    thread.join()
    if isinstance(answer[0], BaseException):
        raise answer[0]
    return answer[0]
