"""Per client, in one statement for a whole page of a list: live grants and people, failures; counted up to a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef
from django.db.models.functions import Now
from django.utils.formats import number_format

from oauth_provider.models import AuditEvent, Client, Grant
from oauth_provider.models.audit_event import FAILURES
from oauth_provider.models.count_up_to import CountUpTo

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

# Of each client on a page of fifty; beyond, nobody needs to know how many more.
MOST_OF_EACH = 1_000
MOST_OF_ONE = 10_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that was counted up to a bound: "1,000+" is more than a thousand."""

    number: int
    is_more: bool = False

    @classmethod
    def up_to(cls, most: int, *, counted: int) -> Counted:
        """What a statement that stops at `most` + 1 has counted."""
        return cls(min(counted, most), is_more=counted > most)

    def __str__(self) -> str:
        return number_format(self.number, force_grouping=True) + ("+" if self.is_more else "")


@dataclass(frozen=True, slots=True)
class Live:
    """What stands of a client: its live grants, and the different people among as many of them as were counted."""

    grants: Counted
    people: Counted


def live_grants(clients: Collection[int]) -> dict[int, Counted]:
    """Live grants of each of these clients, by primary key; one statement."""
    return _of_each(clients, _live().filter(client=OuterRef("pk")))


def failures(clients: Collection[int], *, since: datetime) -> dict[int, Counted]:
    """Requests of each of these clients that were refused since then, by primary key; one statement."""
    return _of_each(clients, _failed(OuterRef("application__client_id"), since=since))


def failures_of(client: Client, *, since: datetime) -> Counted:
    """As `failures`, for one client."""
    counted = _failed(client.client_id, since=since)[: MOST_OF_EACH + 1].count()
    return Counted.up_to(MOST_OF_EACH, counted=counted)


def live(client: Client) -> Live:
    """Live grants and people of one client; one statement, which reads at most so many rows."""
    rows = _live().filter(client=client).values("pk", "user_id")[: MOST_OF_ONE + 1]
    counted = rows.aggregate(grants=Count("pk"), people=Count("user_id", distinct=True))
    is_more = counted["grants"] > MOST_OF_ONE
    return Live(Counted.up_to(MOST_OF_ONE, counted=counted["grants"]), Counted(counted["people"], is_more=is_more))


def _live() -> QuerySet[Grant]:
    return Grant.objects.filter(revoked_at=None, expires_at__gt=Now())


def _failed(client_id: Any, *, since: datetime) -> QuerySet[AuditEvent]:
    # As the partial index `oauth_provider_failures` has it.
    return AuditEvent.objects.filter(client_id=client_id, event__in=FAILURES, at__gt=since)


def _of_each(clients: Collection[int], rows: QuerySet[Any]) -> dict[int, Counted]:
    counted = Client.objects.filter(pk__in=clients).values_list("pk", CountUpTo(rows, most=MOST_OF_EACH))
    return {pk: Counted.up_to(MOST_OF_EACH, counted=number) for pk, number in counted}
