"""What several commands read from their arguments, and how they write times."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from django.core.management.base import CommandError
from django.utils import timezone

from oauth_provider.models import Client

if TYPE_CHECKING:
    from datetime import datetime

_DURATION = re.compile(r"(\d{1,9})([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 3660 * 86400


def find_client(client_id: str) -> Client:
    """The client of this id; raises CommandError."""
    client = Client.objects.named(client_id)
    if client is None:
        raise CommandError(f"There is no client with the client_id {client_id!r}.")
    return client


def duration(given: str) -> int:
    """Seconds from `7d`, `12h`, `30m`, `45s` or `3600`, at most ten years."""
    found = _DURATION.fullmatch(given)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else -1
    if not 0 <= seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"must be like 7d, 12h, 30m or a number of seconds, not {given!r}")
    return seconds


def days(given: str) -> int:
    """A whole number of days, at most ten years."""
    if not re.fullmatch(r"\d{1,4}", given, re.ASCII) or not 0 < int(given) <= _LONGEST // _SECONDS["d"]:
        raise argparse.ArgumentTypeError(f"must be a whole number of days from 1 to 3660, not {given!r}")
    return int(given)


def moment(at: datetime | None, *, never: str = "never") -> str:
    """A time as an operator reads it, with its zone."""
    return never if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"
