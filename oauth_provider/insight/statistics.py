"""Statistics of a period: tokens and refusals from the audit events, and what wants looking after."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Count, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Concat
from django.utils import timezone

import oauth_provider
from oauth_provider.insight import neglected
from oauth_provider.models import AuditEvent, Client
from oauth_provider.models.audit_event import FAILURES
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

logger = logging.getLogger("oauth_provider.insight")

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DEFAULT_PERIOD = "7d"
CACHE_SECONDS = 60
TOP = 10


@dataclass(frozen=True, slots=True)
class OfClient:
    """A number of one client; `pk` is None for an id that belongs to none (an attempt with an unknown one)."""

    client_id: str
    name: str
    pk: int | None
    number: int


@dataclass(frozen=True, slots=True)
class ByClient:
    """The clients with the largest numbers, and what the others have together."""

    top: tuple[OfClient, ...]
    others: int


@dataclass(frozen=True, slots=True)
class OfGrantType:
    """Tokens issued by one grant type."""

    grant_type: str
    number: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why requests were refused: the event, the error the client was answered, and how often."""

    event: str
    error: str
    number: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of one period, and when they were counted."""

    period: str
    since: datetime
    at: datetime
    issued: int
    issued_by_client: ByClient
    issued_by_grant_type: tuple[OfGrantType, ...]
    refused: int
    refused_by_reason: tuple[Reason, ...]
    refused_by_client: ByClient
    unused: neglected.Neglected
    without_owner: neglected.Neglected
    keys: tuple[neglected.KeyAge, ...]


def recent(period: str) -> Statistics:
    """The numbers of "24h", "7d" or "30d", at most a minute old; nine statements, or none."""
    key, kept = f"oauth_provider:statistics:{oauth_provider.__version__}:{period}", None
    with _going_on_without_cache():
        kept = cache.get(key)
    if isinstance(kept, Statistics):
        return kept
    counted = count(period)
    with _going_on_without_cache():
        cache.set(key, counted, CACHE_SECONDS)
    return counted


@contextmanager
def _going_on_without_cache() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  # each cache backend has its own errors; the numbers can be counted
        logger.warning("the cache cannot be reached (%s); statistics are counted each time", type(error).__name__)


def count(period: str) -> Statistics:
    """Count the numbers of a period now; nine statements. Three of them read every event of the period."""
    at = timezone.now()
    since = at - PERIODS[period]
    issued, by_grant_type = _issued(since)
    reasons, refused = _refused(since)
    names = _names({*issued.head, *refused.head})
    return Statistics(
        period=period,
        since=since,
        at=at,
        issued=issued.total,
        issued_by_client=issued.by_client(names),
        issued_by_grant_type=by_grant_type,
        refused=refused.total,
        refused_by_reason=reasons,
        refused_by_client=refused.by_client(names),
        unused=neglected.unused(),
        without_owner=neglected.without_owner(),
        keys=neglected.key_ages(),
    )


def as_json(statistics: Statistics) -> dict[str, Any]:
    """The same numbers for JSON: times as ISO 8601."""
    return {name: _plain(value) for name, value in asdict(statistics).items()}


@dataclass(frozen=True, slots=True)
class _Top:
    head: dict[str, int]
    total: int

    def by_client(self, names: dict[str, tuple[int, str]]) -> ByClient:
        top = tuple(
            OfClient(client_id, names.get(client_id, (0, ""))[1] or client_id, names.get(client_id, (None, ""))[0], n)
            for client_id, n in self.head.items()
        )
        return ByClient(top, self.total - sum(self.head.values()))


def _events(since: datetime) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(at__gt=since).order_by()


def _issued(since: datetime) -> tuple[_Top, tuple[OfGrantType, ...]]:
    """One pass over the events gives both; its answer has a row for each client and grant type at most."""
    rows = _events(since).filter(event=Event.TOKEN_ISSUED).values_list(_CLIENT_ID, KT("detail__grant_type"))
    of_client: Counter[str] = Counter()
    of_grant_type: Counter[str] = Counter()
    for client_id, grant_type, number in rows.annotate(number=Count("pk")):
        of_client[client_id] += number
        of_grant_type[grant_type or ""] += number
    by_grant_type = tuple(OfGrantType(name, number) for name, number in of_grant_type.most_common())
    return _Top(dict(of_client.most_common(TOP)), of_client.total()), by_grant_type


def _refused(since: datetime) -> tuple[tuple[Reason, ...], _Top]:
    """Two passes: what was sent as a client id is anybody's invention, so that pairs could be without number."""
    rows = _events(since).filter(event__in=FAILURES)
    by_reason = rows.values_list("event", KT("detail__error")).annotate(number=Count("pk")).order_by("-number", "event")
    reasons = tuple(Reason(event, error or _ERROR_OF.get(event, ""), number) for event, error, number in by_reason)
    by_client = rows.annotate(asked=_CLIENT_ID).values_list("asked").annotate(number=Count("pk"))
    return reasons, _Top(dict(by_client.order_by("-number", "asked")[:TOP]), sum(reason.number for reason in reasons))


# Not the bare column: SQLite would walk its index, which is in order of the groups, through all of history.
_CLIENT_ID = Concat("client_id", Value(""))
# Events that always have the same answer name none.
_ERROR_OF = {Event.CLIENT_AUTHENTICATION_FAILED.value: "invalid_client", Event.REUSE_DETECTED.value: "invalid_grant"}


def _names(client_ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Client.objects.filter(application__client_id__in=list(client_ids))
    return {client_id: (pk, name) for client_id, pk, name in rows.values_list(
        "application__client_id", "pk", "application__name"
    )}  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
