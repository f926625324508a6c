"""What the list of clients shows beside their own columns: live grants, and what failed within a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.admin.list_page import ListPage
from oauth_provider.insight import counted


class ClientList(ListPage):
    """The list, which counts for the fifty clients it shows."""

    def complete(self, rows: list[Any]) -> None:
        shown = [client.pk for client in rows]
        grants = counted.live_grants(shown)
        failed = counted.failures(shown, since=timezone.now() - timedelta(days=1))
        for client in rows:
            client.counted_live_grants = grants.get(client.pk, counted.Counted(0))
            client.counted_failures = failed.get(client.pk, counted.Counted(0))


@admin.display(description=_("live grants"))
def live_grants(client: Any) -> str:
    """Up to 1,000."""
    return str(client.counted_live_grants)


@admin.display(description=_("failures (24 h)"))
def failures(client: Any) -> str:
    """Up to 1,000."""
    return str(client.counted_failures)


COLUMNS = (live_grants, failures)
