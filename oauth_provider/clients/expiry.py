"""Secrets that end soon: who answers for the client is told 30, 7 and 1 days before, each once."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from oauth_provider.clients import notices
from oauth_provider.models import ClientSecret
from oauth_provider.models.clock import DATABASE_NOW, from_now
from oauth_provider.values import ClientStatus

logger = logging.getLogger("oauth_provider.mail")

# Days before its end at which a secret is spoken of, the last one first.
STEPS = (1, 7, 30)
_DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What became of one warning."""

    TOLD = "told"
    # Another run at the same moment sent it.
    TOLD_BEFORE = "told_before"
    NOBODY = "nobody"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Due:
    """A secret whose owners are to be told now."""

    secret: ClientSecret
    # Days that are left, begun ones counted.
    days: int
    # Another live secret of the client outlives it: nothing stops when it ends.
    is_replaced: bool
    # The one of STEPS that has come.
    step: int


def due() -> Iterator[Due]:
    """Each live secret that has come to a step its owners were not told of; one statement, by the database's clock.

    Days without a run are caught up with by one mail, for the step nearest to the end. A client in the archive is
    refused anyway, so nobody is told.
    """
    outlives = Q(expires_at=None) | Q(expires_at__gt=OuterRef("expires_at"))
    others = ClientSecret.objects.filter(outlives, client=OuterRef("client"), revoked_at=None).exclude(
        pk=OuterRef("pk")
    )
    rows = (
        ClientSecret.objects.filter(
            revoked_at=None, expires_at__gt=Now(), expires_at__lte=from_now(STEPS[-1] * _DAY.total_seconds())
        )
        .exclude(client__status=ClientStatus.ARCHIVED)
        .select_related("client__application")
        .annotate(is_replaced=Exists(others), **DATABASE_NOW)
        .order_by("expires_at", "pk")
    )
    for row in rows:
        assert row.expires_at is not None  # noqa: S101  # filtered by it; for the type checker
        left = row.expires_at - row.database_now
        step = next(days for days in STEPS if left <= days * _DAY)
        if row.warned_days is None or row.warned_days > step:
            yield Due(row, math.ceil(left / _DAY), row.is_replaced, step)


def warn(one: Due) -> Outcome:
    """Tell the owners, or SECURITY_CONTACT where there are none. Of two runs at once, one tells.

    Whoever could not be told is told by the next run.
    """
    # The UPDATE decides who sends. It is committed before the mail: no row is locked while a mail server thinks.
    if not one.secret.note_warning(one.step):
        return Outcome.TOLD_BEFORE
    try:
        was_sent = notices.secret_expires(one.secret, days=one.days, is_replaced=one.is_replaced)
    except Exception:
        # Whatever the site's mail backend raises: who was not told must be told by the next run.
        logger.exception("no mail about the secret …%s of %s", one.secret.hint, one.secret.client.client_id)
        one.secret.forget_warning(one.step)
        return Outcome.FAILED
    if not was_sent:
        one.secret.forget_warning(one.step)
        return Outcome.NOBODY
    return Outcome.TOLD
