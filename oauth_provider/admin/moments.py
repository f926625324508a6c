"""Moments as people say them, with the exact time beside: "3 days ago", "in 6 days"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from oauth_provider import spans

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

_JUST_NOW = 60
_UNITS = (
    (86_400, ngettext_lazy("%d day", "%d days")),
    (3_600, ngettext_lazy("%d hour", "%d hours")),
    (60, ngettext_lazy("%d minute", "%d minutes")),
)


def ago(at: datetime | None, *, never: str = "–") -> SafeString | str:
    """How long ago it was, as `<time>`; `never` when it was not."""
    if at is None:
        return never
    is_new = (timezone.now() - at).total_seconds() < _JUST_NOW
    return _as_time(at, _("just now") if is_new else spans.ago(at))


def until(at: datetime | None, *, never: str = "–") -> SafeString | str:
    """How long until it is, or how long ago it was, as `<time>`; `never` when it never will be."""
    if at is None or at <= timezone.now():
        return ago(at, never=never)
    return _as_time(at, spans.until(at))


def span(seconds: int) -> str:
    """So many seconds in the largest unit that holds them without a rest: "90 days", "1 hour"."""
    for size, words in _UNITS:
        if seconds and seconds % size == 0:
            return str(words % (seconds // size))
    return ngettext("%d second", "%d seconds", seconds) % seconds


def clock(at: datetime) -> str:
    """The time of day, with the date when it is another day than today."""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"


def _as_time(at: datetime, words: str) -> SafeString:
    local = timezone.localtime(at)
    exact = f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), exact, words)
