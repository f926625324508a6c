"""Audit events that wait for their seal: whoever can write to the table can still change them unseen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.core.checks import CheckMessage
from django.utils import timezone

from oauth_provider.checks.messages import message
from oauth_provider.checks.tables import on_each_database
from oauth_provider.models import AuditEvent

_TOO_LONG = timedelta(days=2)


@on_each_database
def check_sealed(alias: str) -> Iterable[CheckMessage]:
    """W220: the first one that waits is about the oldest; one row, however many wait."""
    oldest = AuditEvent.objects.waiting().using(alias).values_list("at", flat=True).first()
    if oldest is not None and oldest < timezone.now() - _TOO_LONG:
        yield message("W220", since=f"{oldest:%Y-%m-%d}")


DEPLOY_CHECKS = (check_sealed,)
