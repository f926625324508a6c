"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): delivering what the outbox holds (security R13).

A row is taken, a fresh token signed, and both happen outside of any transaction. Whoever does not answer is asked
again, each time later; whoever refuses, or never answers, is a dead letter that an admin sees and can repeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction

from oauth_provider import outbound
from oauth_provider.clients import profiles, redirect_uris
from oauth_provider.conf import conf
from oauth_provider.errors import KeyUnavailable
from oauth_provider.models import AuditEvent, LogoutDelivery
from oauth_provider.sessions import tasks
from oauth_provider.tokens import logout_token
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Collection

    from oauth_provider.models import Client

logger = logging.getLogger("oauth_provider.sessions")

# Seconds after the first, second, … try that failed; after the last of them it is given up: within two days.
WAITS = (10, 60, 300, 1800, 7200, 21600, 43200, 86400)
# Somebody may be waiting for the page that says they are signed out.
DEADLINE_SECONDS = 3.0
# For so long a row is nobody else's while it is tried.
LEASE_SECONDS = 60
# How many receivers are spoken to at once, and how many rows are taken at once: few enough that the last of them is
# tried well within its lease, even if nobody answers.
_SIDE_BY_SIDE = 8
BATCH = 40
# As many are tried while somebody waits for a page; of more the rest stays due.
_AT_SIGN_OUT = 16
_OK = range(200, 300)
# Answers after which the same may succeed later (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4); 404 while an app is
# being deployed. §2.8: what is refused with another 4xx would be refused again.
_MAY_PASS = frozenset({404, 408, 425, 429})
_SERVER_ERRORS = range(500, 600)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One try: whom to tell, where, by which token."""

    delivery: LogoutDelivery
    uri: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why a try failed; `seconds` until the next is worth it, as the receiver says; `is_final`: there is none."""

    why: str
    is_final: bool = False
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows that were taken."""

    delivered: int = 0
    put_off: int = 0
    given_up: int = 0

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.delivered + self.put_off + self.given_up

    def __add__(self, other: Report) -> Report:
        return Report(self.delivered + other.delivered, self.put_off + other.put_off, self.given_up + other.given_up)

    def __str__(self) -> str:
        return f"{self.delivered} delivered, {self.put_off} put off, {self.given_up} given up"


def enqueue(deliveries: Collection[LogoutDelivery]) -> None:
    """Have these delivered: by a task, or here and now where the site has none. Never raises."""
    ids = [delivery.pk for delivery in deliveries]
    if tasks.enqueue(ids):
        return
    try:
        deliver(ids[:_AT_SIGN_OUT])
    except Exception:
        logger.exception("logouts cannot be delivered; they stay due")


def deliver(ids: Iterable[int]) -> Report:
    """Deliver those of these rows that are due."""
    wanted = list(ids)
    total = Report()
    for begin in range(0, len(wanted), BATCH):
        rows = LogoutDelivery.objects.due().filter(pk__in=wanted[begin : begin + BATCH])
        total += _deliver(rows.select_related("client__application"))
    return total


def deliver_due(*, most: int = BATCH) -> Report:
    """Deliver what is due, the oldest first; at most BATCH of them."""
    return _deliver(LogoutDelivery.objects.due().select_related("client__application")[: min(most, BATCH)])


def _deliver(rows: Iterable[LogoutDelivery]) -> Report:
    taken = [row for row in rows if row.take(lease=LEASE_SECONDS)]
    outcomes: dict[int, _Failed | None] = {}
    letters = []
    for delivery in taken:
        written = _write(delivery)
        if isinstance(written, _Letter):
            letters.append(written)
        else:
            outcomes[delivery.pk] = written
    if letters:
        # Only what waits for others runs side by side; rows are met in this thread alone.
        with ThreadPoolExecutor(max_workers=min(_SIDE_BY_SIDE, len(letters))) as pool:
            for letter, failed in zip(letters, pool.map(_post, letters), strict=True):
                outcomes[letter.delivery.pk] = failed
    found = [_note(delivery, outcomes[delivery.pk]) for delivery in taken]
    return Report(found.count("delivered"), found.count("put_off"), found.count("given_up"))


def _write(delivery: LogoutDelivery) -> _Letter | _Failed:
    uri = delivery.client.backchannel_logout_uri
    if not uri:
        return _Failed("the client has no backchannel_logout_uri any more", is_final=True)
    try:
        return _Letter(delivery, uri, logout_token.mint(delivery))
    except KeyUnavailable as error:
        logger.critical("No logout can be signed: %s", error)
        return _Failed(f"nothing could be signed: {error}")


def _post(letter: _Letter) -> _Failed | None:
    """One try (§2.5); None when the client took it."""
    form = outbound.Form(urlencode({"logout_token": letter.token}).encode())
    try:
        answer = outbound.fetch(
            letter.uri, form=form, accept="*/*", deadline=DEADLINE_SECONDS,
            private=is_vouched_for(letter.uri, client=letter.delivery.client),
            # A host in trouble is told all the same: the wait between tries is longer than its rest.
            at_once=_SIDE_BY_SIDE, spared=0,
        )  # fmt: skip
    except outbound.Refused as refused:
        return _Failed(refused.reason)
    except Exception as error:
        logger.exception("a logout could not be posted")
        return _Failed(type(error).__name__)
    if answer.status in _OK:
        return None
    return _Failed(
        f"it answered {answer.status}",
        is_final=answer.status not in _MAY_PASS and answer.status not in _SERVER_ERRORS,
        seconds=_retry_after(answer.headers.get("retry-after", "")),
    )


def is_vouched_for(uri: str, *, client: Client) -> bool:
    """Whether the operator says that this host may lead inside the network: LOGOUT_PRIVATE_HOSTS names it.

    While DEBUG is on, this machine itself is one. What a client says that nobody here has looked at never is.
    """
    if profiles.is_self_registered(client):
        return False
    host = urlsplit(uri).netloc.lower()
    return host in {one.lower() for one in conf.LOGOUT_PRIVATE_HOSTS} or (
        bool(settings.DEBUG) and redirect_uris.is_loopback(uri)
    )


def _retry_after(told: str) -> int:
    """Seconds, at most the longest wait; a date is passed over (RFC 9110 §10.2.3)."""
    return min(int(told), WAITS[-1]) if told.isascii() and told.isdigit() and len(told) <= len("86400") else 0


def _note(delivery: LogoutDelivery, failed: _Failed | None) -> str:
    if failed is None:
        delivery.note_delivered()
        return "delivered"
    if failed.is_final or delivery.tries > len(WAITS):
        _give_up(delivery, failed.why)
        return "given_up"
    seconds = max(WAITS[delivery.tries - 1], failed.seconds)
    delivery.put_off(seconds, error=failed.why)
    logger.warning(
        "logout not delivered: client_id=%s try=%d, again in %d s: %s",
        delivery.client.client_id, delivery.tries, seconds, failed.why,
    )  # fmt: skip
    tasks.enqueue([delivery.pk], seconds=seconds)
    return "put_off"


def _give_up(delivery: LogoutDelivery, why: str) -> None:
    logger.error("logout given up: client_id=%s after %d tries: %s", delivery.client.client_id, delivery.tries, why)
    with transaction.atomic():
        delivery.give_up(error=why)
        AuditEvent.objects.record(
            Event.LOGOUT_UNDELIVERED, client=delivery.client, detail={"tries": delivery.tries, "error": why}
        )


def repeat(delivery: LogoutDelivery, *, actor: str) -> bool:
    """Have a dead letter delivered again, with all its tries; whether it was one."""
    with transaction.atomic():
        is_dead = delivery.repeat()
        if is_dead:
            AuditEvent.objects.record(Event.LOGOUT_REPEATED, client=delivery.client, actor=actor)
            transaction.on_commit(lambda: enqueue([delivery]))
    return is_dead
