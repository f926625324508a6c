"""Spans of time as whole phrases: "3 days ago", "in 6 days". Many languages decline the unit after such a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.timesince import timesince, timeuntil
from django.utils.translation import npgettext_lazy

if TYPE_CHECKING:
    from datetime import datetime

_AGO: dict[str, Any] = {
    "year": npgettext_lazy("span", "%(num)d year ago", "%(num)d years ago", "num"),
    "month": npgettext_lazy("span", "%(num)d month ago", "%(num)d months ago", "num"),
    "week": npgettext_lazy("span", "%(num)d week ago", "%(num)d weeks ago", "num"),
    "day": npgettext_lazy("span", "%(num)d day ago", "%(num)d days ago", "num"),
    "hour": npgettext_lazy("span", "%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": npgettext_lazy("span", "%(num)d minute ago", "%(num)d minutes ago", "num"),
}
_IN: dict[str, Any] = {
    "year": npgettext_lazy("span", "in %(num)d year", "in %(num)d years", "num"),
    "month": npgettext_lazy("span", "in %(num)d month", "in %(num)d months", "num"),
    "week": npgettext_lazy("span", "in %(num)d week", "in %(num)d weeks", "num"),
    "day": npgettext_lazy("span", "in %(num)d day", "in %(num)d days", "num"),
    "hour": npgettext_lazy("span", "in %(num)d hour", "in %(num)d hours", "num"),
    "minute": npgettext_lazy("span", "in %(num)d minute", "in %(num)d minutes", "num"),
}


def ago(at: datetime, *, now: datetime | None = None) -> str:
    """How long ago it was, in the largest unit: "3 days ago"."""
    return timesince(at, now, time_strings=_AGO, depth=1)


def until(at: datetime, *, now: datetime | None = None) -> str:
    """How long until it is, in the largest unit: "in 6 days"."""
    return timeuntil(at, now, time_strings=_IN, depth=1)
