"""Asking a trusted issuer about a token (RFC 7662): once for all who ask at the same time, and not again for a while.

Answers are kept in this process only, by a digest of the token. A revoked token is accepted for as long as the
answer is kept, a minute at most; a token nobody knows is asked about again after ten seconds.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from oauth_provider import credentials
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidToken, IssuerUnavailable
from oauth_provider.outbound import Form, Refused
from oauth_provider.resource_server.issuers import discovery, fetching
from oauth_provider.resource_server.issuers.claims import moment, text
from oauth_provider.resource_server.issuers.presets.preset import ACCESS_TOKEN_TYP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth_provider.resource_server.issuers.trusted import Introspection, TrustedIssuer

logger = logging.getLogger("oauth_provider.resource_server")

TOTAL_SECONDS = 2.0
NEGATIVE_SECONDS = 10
MOST_KEPT = 10_000
_ACCESS_TOKEN_TYPES = {"bearer", "dpop"}
_ACCESS_TOKEN_USES = {"access", "access_token"}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the issuer said: the claims, or None for a token that is not active. Until when it holds (monotonic)."""

    until: float
    claims: Mapping[str, Any] | None = field(repr=False)


_lock = threading.Lock()
# Apart, so that a flood of made-up tokens drives no good one out.
_active: OrderedDict[str, _Answer] = OrderedDict()
_inactive: OrderedDict[str, _Answer] = OrderedDict()
_under_way: dict[str, Future[_Answer]] = {}


def claims_of(value: str, issuer: TrustedIssuer) -> Mapping[str, Any]:
    """What the issuer says about this token; raises InvalidToken (not active), IssuerUnavailable (fails closed)."""
    asked = issuer.introspection
    if asked is None:
        raise InvalidToken("unknown", detail=f"{issuer.issuer} is not asked about tokens")
    key = credentials.digest(f"{issuer.issuer}\x00{asked.client_id}\x00{value}")
    answer = _ask_once(key, value, issuer, asked)
    if answer.claims is None:
        raise InvalidToken("unknown", detail=f"{issuer.issuer} says it is not active")
    _check(answer.claims, issuer, asked)
    return answer.claims


def forget() -> None:
    """Ask about every token afresh."""
    with _lock:
        _active.clear()
        _inactive.clear()


def _kept(key: str) -> _Answer | None:
    """The answer that still holds; with the lock."""
    for answers in (_active, _inactive):
        answer = answers.get(key)
        if answer is not None and time.monotonic() < answer.until:
            answers.move_to_end(key)
            return answer
        answers.pop(key, None)
    return None


def _keep(key: str, answer: _Answer) -> None:
    answers = _inactive if answer.claims is None else _active
    answers[key] = answer
    while len(answers) > MOST_KEPT:
        answers.popitem(last=False)


def _ask_once(key: str, value: str, issuer: TrustedIssuer, asked: Introspection) -> _Answer:
    """What was answered, or is answered now; of all who ask at the same time one sends a request."""
    with _lock:
        answer = _kept(key)
        if answer is not None:
            return answer
        future, is_mine = _under_way.get(key), False
        if future is None:
            future, is_mine = Future(), True
            _under_way[key] = future
    if not is_mine:
        try:
            return future.result(timeout=TOTAL_SECONDS + 1)
        except FutureTimeoutError as error:
            raise IssuerUnavailable(f"{issuer.issuer} was asked by another request, too long ago") from error
        except IssuerUnavailable as error:
            # One of this request's own: it has an id, and a traceback.
            raise IssuerUnavailable(error.detail) from error
    try:
        answer = _ask(value, issuer, asked)
    except BaseException as error:
        _finish(key)
        future.set_exception(error)
        raise
    _finish(key, answer)
    future.set_result(answer)
    return answer


def _finish(key: str, answer: _Answer | None = None) -> None:
    with _lock:
        del _under_way[key]
        if answer is not None:
            _keep(key, answer)


def _ask(value: str, issuer: TrustedIssuer, asked: Introspection) -> _Answer:
    url = asked.url or discovery.of(issuer).introspection_endpoint
    if not url:
        raise IssuerUnavailable(f'{issuer.issuer} has no introspection_endpoint: set "url" in "introspection"')
    form = Form(urlencode({"token": value, "token_type_hint": "access_token"}).encode(), _basic(asked))
    try:
        fetched = fetching.post(issuer, url, form=form, deadline=TOTAL_SECONDS)
        members = discovery.json_object(fetched)
    except Refused as error:
        raise _unavailable(issuer, error.reason) from error
    active = members.get("active")
    if not isinstance(active, bool):
        raise _unavailable(issuer, "its answer says nothing about active (RFC 7662 §2.2)")
    seconds = min(asked.seconds, _seconds_left(members)) if active else NEGATIVE_SECONDS
    return _Answer(time.monotonic() + seconds, members if active else None)


def _unavailable(issuer: TrustedIssuer, why: str) -> IssuerUnavailable:
    logger.error("introspection at %s: nothing is believed: %s", issuer.issuer, why)
    return IssuerUnavailable(f"introspection at {issuer.issuer}: {why}")


def _seconds_left(claims: Mapping[str, Any]) -> float:
    expires = moment(claims, "exp")
    return float("inf") if expires is None else expires.timestamp() - time.time()


def _basic(asked: Introspection) -> str:
    # RFC 6749 §2.3.1: each part as in a form, then together.
    pair = f"{quote_plus(asked.client_id)}:{quote_plus(asked.client_secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _check(claims: Mapping[str, Any], issuer: TrustedIssuer, asked: Introspection) -> None:
    """An active token may still be a refresh token, somebody else's, or not valid yet."""
    where = issuer.issuer
    if claims.get("iss", where) != where:
        raise InvalidToken("other_issuer", detail=f"{where} says its iss is {str(claims['iss'])[:200]!r}")
    expires, not_before = moment(claims, "exp"), moment(claims, "nbf")
    if ("exp" in claims and expires is None) or ("nbf" in claims and not_before is None):
        raise InvalidToken("unknown", detail=f"{where}: exp or nbf is no date")
    if expires is not None and expires.timestamp() <= time.time():
        raise InvalidToken("expired", detail=f"{where}: it has expired")
    if not_before is not None and not_before.timestamp() > time.time() + conf.CLOCK_SKEW:
        raise InvalidToken("unknown", detail=f"{where}: it is not valid yet")
    kind, use = text(claims, "token_type").lower(), text(claims, "token_use").lower()
    is_other = (kind and kind not in _ACCESS_TOKEN_TYPES) or (use and use not in _ACCESS_TOKEN_USES)
    if is_other or (asked.needs_token_type and not kind and not use):
        raise InvalidToken(
            "unknown",
            detail=f"{where} does not say that it is an access token (token_type): a refresh token is active, too",
        )
    # Said to be an access token: as good as a `typ` that says so.
    wrong = issuer.preset.object_to(claims, ACCESS_TOKEN_TYP if kind or use else "")
    if wrong:
        raise InvalidToken("unknown", detail=f"{where}: {wrong}")
