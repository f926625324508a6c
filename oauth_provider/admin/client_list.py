"""The columns of the list of clients: short ones, so that all of them stand on a screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
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


@admin.display(description=_("profile"), ordering="profile")
def profile(client: Any) -> str:
    """Its word; the filter beside the list says what it means."""
    return str(client.profile)


@admin.display(description=_("last used"), ordering="last_used_at")
def last_used(client: Any) -> str:
    """The day; the time appears when it is pointed at."""
    at = client.last_used_at
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(), date_format(local, "DATETIME_FORMAT"), date_format(local, "DATE_FORMAT"),
    )  # fmt: skip


@admin.display(description=_("live grants"))
def live_grants(client: Any) -> str:
    """Up to 1,000."""
    return str(client.counted_live_grants)


@admin.display(description=_("failures (24 h)"))
def failures(client: Any) -> str:
    """Up to 1,000."""
    return str(client.counted_failures)


COLUMNS = (profile, "status", last_used, live_grants, failures)
