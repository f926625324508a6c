"""`oauth_stats`: the numbers of the dashboard, for a terminal or, as JSON, for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.formats import number_format

from oauth_provider.insight import neglected, statistics
from oauth_provider.values import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from oauth_provider.insight.neglected import Neglected
    from oauth_provider.insight.statistics import ByClient, Statistics

_GAP = "  "


class Command(BaseCommand):
    help = (
        "Tokens issued and requests refused within a period, clients nobody uses or owns, the age of the signing "
        "keys. Counted now: every audit event of the period is read."
    )
    # It only reads; numbers are wanted most when something is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--period", choices=list(statistics.PERIODS), default=statistics.DEFAULT_PERIOD, help="(default: 7d)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, **options: Any) -> None:
        numbers = statistics.count(options["period"])
        if options["json"]:
            self.stdout.write(json.dumps(statistics.as_json(numbers), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(numbers)))


def _lines(numbers: Statistics) -> Iterator[str]:
    issued, refused = _written(numbers.issued), _written(numbers.refused)
    yield f"From {_time(numbers.since)} to {_time(numbers.at)}: {issued} tokens issued, {refused} requests refused."
    yield from _counts("Tokens by client", _of_clients(numbers.issued_by_client))
    yield from _counts(
        "Tokens by grant type", ((_written(row.number), row.grant_type) for row in numbers.issued_by_grant_type)
    )
    yield from _counts(
        "Refusals by reason",
        ((_written(row.number), str(Event(row.event).label), row.error) for row in numbers.refused_by_reason),
    )
    yield from _counts("Refusals by client", _of_clients(numbers.refused_by_client))
    unused = f"Not used for {neglected.UNUSED_DAYS} days, or never within the first {neglected.NEW_DAYS}"
    yield from _neglected(unused, numbers.unused)
    yield from _neglected("Without an active owner", numbers.without_owner)
    yield from _table(
        "Signing keys",
        (
            (
                key.alg,
                key.kid,
                f"signs for {(numbers.at - key.signing_since).days} days",
                "OVERDUE" if key.is_overdue(at=numbers.at) else f"next due {_time(key.due_at)}",
                "next is published" if key.next_published_at else "",
            )
            for key in numbers.keys
        ),
    )


def _of_clients(counted: ByClient) -> Iterator[tuple[str, ...]]:
    for client in counted.top:
        yield _written(client.number), client.name if client.pk else "(no client has this id)", client.client_id
    if counted.others:
        yield _written(counted.others), "(all others)", ""


def _neglected(title: str, clients: Neglected) -> Iterator[str]:
    rows = (
        (client.client_id, client.name, f"last used {_time(client.last_used_at)}" if client.last_used_at else "never")
        for client in clients.shown
    )
    yield from _table(f"{title}: {_written(clients.number)}", rows)
    if clients.number > len(clients.shown):
        yield f"{_GAP}… and {_written(clients.number - len(clients.shown))} others"


def _counts(title: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table of rows that begin with a number: these end under each other."""
    found = list(rows)
    widest = max((len(row[0]) for row in found), default=0)
    return _table(title, ((row[0].rjust(widest), *row[1:]) for row in found))


def _table(title: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A title and its rows in columns."""
    cells = [tuple(_printable(cell) for cell in row) for row in rows]
    yield ""
    yield title
    if not cells:
        yield f"{_GAP}none"
        return
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{_GAP}{_GAP.join(padded)}".rstrip()


def _printable(text: str) -> str:
    """What a stranger sent as a client id must not steer the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _written(number: int) -> str:
    return number_format(number, force_grouping=True)


def _time(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
