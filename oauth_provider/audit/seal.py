"""Sealing: events that wait are put into numbered batches, each chained to the one before and signed.

Ids say nothing about the order in which events are committed: one that comes late with a smaller id is sealed with
the next batch. Any number of runners may seal at once; whoever is second finds the events or the number taken.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, router, transaction
from django.utils import timezone

from oauth_provider.audit import digests
from oauth_provider.audit.signatures import Keys
from oauth_provider.errors import CannotSeal
from oauth_provider.models import AuditEvent, AuditSeal
from oauth_provider.models.retry import retried

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("oauth_provider.audit")

MOST_EVENTS = 1000


class _Taken(Exception):
    """Another runner has sealed some of these events."""


def seal_waiting() -> Iterator[AuditSeal]:
    """Seal what waits now, yielding each seal once it is committed; stopping between two loses nothing.

    One line for each goes to the log `oauth_provider.audit`: logs that are shipped hold the roots where whoever can
    write to the database cannot. Raises CannotSeal when the events cannot be numbered.
    """
    waiting = AuditEvent.objects.waiting()
    newest = waiting.reverse().values_list("pk", flat=True).first()
    # What comes in meanwhile is for the next run: this one ends.
    waiting = waiting.filter(pk__lte=newest or 0)
    while ids := list(waiting.values_list("pk", flat=True)[:MOST_EVENTS]):
        try:
            seal = _seal(ids)
        except _Taken as error:
            if waiting.filter(pk__in=ids).count() == len(ids):
                raise CannotSeal("The database lets nobody write the column `batch` of the audit events.") from error
            continue
        if seal is not None:
            logger.info("Sealed audit events: seal %d, %d events, root %s", seal.number, seal.count, seal.root)
            yield seal


@retried
def _seal(ids: list[int]) -> AuditSeal | None:
    """Seal these events, or None when another runner gave the number away; raises _Taken when it has the events."""
    before = AuditSeal.objects.newest()
    number = before.number + 1 if before else 1
    using = router.db_for_write(AuditEvent)
    try:
        with transaction.atomic(using=using):
            if AuditEvent.objects.number(ids, batch=number) != len(ids):
                raise _Taken
            # Read after they are numbered: their number is part of what is sealed.
            events = AuditEvent.objects.using(using).filter(pk__in=ids).order_by("pk").values(*digests.COLUMNS)
            seal = AuditSeal(
                number=number,
                count=len(ids),
                first_event=ids[0],
                last_event=ids[-1],
                leaves=b"".join(map(digests.leaf, events)),
                previous=before.root if before else digests.NO_ROOT,
                sealed_at=timezone.now(),
            )
            seal.root = digests.root(seal)
            seal.signature = Keys.present().sign(seal.root)
            AuditSeal.objects.append(seal)
    except IntegrityError:
        if not AuditSeal.objects.filter(number=number).exists():
            raise
        return None
    return seal
