"""Clients that registered themselves and that nobody has allowed yet: few, for a while, and without a trace.

Anybody can make one, so they are bounded in number and time, and no event tells of them. The first person who allows
one confirms it: from then on it is a client like others.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction
from django.utils import timezone

from oauth_provider.conf import conf
from oauth_provider.models import AuditEvent, Client
from oauth_provider.models.retry import retried
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger("oauth_provider.registration")

# Clients erased in one transaction.
BATCH = 100


def ends_at() -> datetime:
    """Until when a client registered now waits; the value of `unconfirmed_until`."""
    return timezone.now() + timedelta(seconds=conf.UNCONFIRMED_CLIENT_LIFETIME)


def make_room() -> int:
    """Erase those whose time is up and the oldest beyond UNCONFIRMED_CLIENTS; how many.

    Call it once a registration is committed: whoever comes last sees everybody's rows. Two statements when there is
    nothing to do; a trouble of the database is left to the next call.
    """
    try:
        return _erase(_over())
    except OperationalError:
        logger.warning("unconfirmed clients were not erased; the next registration tries again", exc_info=True)
        return 0


def clear(*, sleep: float = 0.0) -> Iterator[int]:
    """As `make_room`, until none is left over; yields how many each committed batch took. `sleep`: seconds between."""
    while erased := _erase(_over()):
        yield erased
        time.sleep(sleep)


def count_over() -> int:
    """How many `clear` would erase."""
    return Client.objects.count_unconfirmed_over(conf.UNCONFIRMED_CLIENTS)


def confirm(client: Client, *, user: AbstractBaseUser, source: Source = Source()) -> None:  # noqa: B008  # frozen
    """Note that a person has allowed the client, and what it is; no statement when somebody had before.

    For the transaction that stores what they allowed.
    """
    if client.unconfirmed_until is None or not client.confirm():
        return
    AuditEvent.objects.record(
        Event.CLIENT_CONFIRMED,
        client=client,
        user=user,
        source=source,
        detail={
            "source": client.registration_source,
            "registered_at": client.created_at.isoformat(),
            "profile": client.profile,
            "name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "scopes": client.allowed_scopes,
        },
    )


def _over() -> list[int]:
    return Client.objects.unconfirmed_over(conf.UNCONFIRMED_CLIENTS, limit=BATCH)


@retried
@transaction.atomic
def _erase(keys: list[int]) -> int:
    return Client.objects.erase_unconfirmed(keys) if keys else 0
