"""`oauth_clear_expired`: delete what has expired, while the site goes on working."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandParser

from oauth_provider.management import expired
from oauth_provider.management.progress import Progress
from oauth_provider.sessions import backchannel, watch

if TYPE_CHECKING:
    from oauth_provider.management.expired import Kind

_CLIENTS_AT_ONCE = 200


class Command(BaseCommand):
    help = (
        "Delete expired tokens, codes, requests and grants that are over, in short statements. Safe to stop, "
        "to start again and to run twice at once; django-oauth-toolkit's tables are not touched."
    )
    # A cron job must clean up although a setting is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch-size",
            type=_batch_size,
            default=2000,
            help=f"rows per statement, at most {expired.MAX_BATCH}",
        )
        parser.add_argument("--sleep", type=_seconds, default=0.0, help="seconds to rest between two batches")
        parser.add_argument("--dry-run", action="store_true", help="say how many rows would go; delete nothing")

    def handle(self, *, batch_size: int, sleep: float, dry_run: bool, **_: Any) -> None:
        for kind in expired.KINDS:
            if dry_run:
                self.stdout.write(f"{kind.name}: {kind.over().count()} would go")
            else:
                self.stdout.write(f"{kind.name}: {self._delete(kind, batch_size=batch_size, sleep=sleep)} deleted")
        if dry_run:
            self.stdout.write(f"self-registered clients: {expired.unconfirmed_over()} would go")
            return
        if people := watch.sweep():
            self.stdout.write(f"people no longer active: {people} signed out of their apps")
        report = backchannel.deliver_due()
        if report.tried:
            self.stdout.write(f"logouts: {report}")
        # Each takes what hangs on it along, so fewer at once.
        gone = expired.erase_unconfirmed(batch_size=min(batch_size, _CLIENTS_AT_ONCE), sleep=sleep)
        self.stdout.write(f"self-registered clients: {gone} deleted")
        if ended := expired.mark_ended_keys(actor="oauth_clear_expired"):
            self.stdout.write(f"signing keys: {ended} no longer published")

    def _delete(self, kind: Kind, *, batch_size: int, sleep: float) -> int:
        progress = Progress(self)
        # Counting reads every expired row once more: only for somebody who is watching.
        total = kind.over().count() if progress.is_watched else 0
        done = 0
        for rows in expired.delete(kind, batch_size=batch_size, sleep=sleep):
            done += rows
            progress.show(kind.name, done, total)
        progress.clear()
        return done


def _batch_size(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= expired.MAX_BATCH:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {expired.MAX_BATCH}, not {given!r}")
    return int(given)


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:  # noqa: PLR2004  # an hour between two batches is a mistake
        raise argparse.ArgumentTypeError(f"must be seconds from 0 to 3600, not {given!r}")
    return seconds
