"""Clients that came by themselves and that nobody has allowed yet: few, and not for long.

Whoever registers without a word from this site costs it a row. The first person who allows the client confirms it;
until then it takes a place among UNCONFIRMED_CLIENTS, loses it to a newer one, and goes after
UNCONFIRMED_CLIENT_LIFETIME at the latest. No event tells of it, so that events stay bounded too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from oauth_provider.clients import known, registration
from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Client, DeviceCode, StoredRequest
from oauth_provider.models.clock import from_now
from oauth_provider.models.retry import retried
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger("oauth_provider.registration")

# Erased at once, so that one registration never pays for thousands.
_BATCH = 200


def until() -> datetime:
    """When a client that registers itself now goes, unless somebody allows it before (an expression to write)."""
    return from_now(conf.UNCONFIRMED_CLIENT_LIFETIME)


def make_room() -> int:
    """Erase what is over, and the oldest that wait, until one more fits; how many. Not within a transaction.

    Erasing takes thirty statements whether it is one or many: where the bound is large, a hundredth goes at a time.
    """
    keep = max(conf.UNCONFIRMED_CLIENTS - 1, 0)
    spare = keep // 100
    newest_first = _waiting().order_by("-unconfirmed_until", "-pk").values_list("pk", flat=True)
    oldest = list(newest_first[keep - spare : keep + _BATCH])
    return expire(_BATCH) + (_erase_unless_used(oldest) if len(oldest) > spare else 0)


def expire(batch: int) -> int:
    """Erase up to so many whose time is over; how many."""
    over = _waiting().filter(unconfirmed_until__lte=Now()).order_by("unconfirmed_until")
    return _erase_unless_used(list(over.values_list("pk", flat=True)[:batch]))


def confirm(client: Client, *, user: Any, source: Source) -> None:
    """Note that this person allowed the client, the first to; no statement for one that is confirmed.

    Within the transaction of the decision, before anything hangs on the client.
    """
    if client.unconfirmed_until is not None and client.confirm():
        detail = {
            **registration.described(client),
            "name": client.name,
            "registered_at": client.created_at.isoformat(),
            "redirect_uris": list(client.redirect_uris),
            "scopes": client.allowed_scopes,
        }
        AuditEvent.objects.record(Event.CLIENT_CONFIRMED, client=client, user=user, source=source, detail=detail)


def _waiting() -> QuerySet[Client]:
    return Client.objects.filter(unconfirmed_until__isnull=False)


def _erase_unless_used(keys: list[int]) -> int:
    if not keys:
        return 0
    try:
        return _erase(keys)
    except (IntegrityError, OperationalError):
        # Somebody is at one of their pages at this moment, or another request erases the same. The next one will.
        logger.info("unconfirmed clients are left for the next time", exc_info=True)
        return 0


@retried
def _erase(keys: list[int]) -> int:
    """Erase those that still wait, with all that hangs on them."""
    with transaction.atomic():
        # Held in the order in which a decision takes them, so that neither waits for the other.
        for decided_on in (StoredRequest, DeviceCode):
            decided_on.objects.filter(client_id__in=keys).update(expires_at=F("expires_at"))
        erased = Client.objects.erase_unconfirmed(keys)
        transaction.on_commit(known.forget)
    return erased
