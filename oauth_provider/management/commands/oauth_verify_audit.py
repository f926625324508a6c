"""`oauth_verify_audit`: seal the audit events that wait, and say whether those sealed before are as they were."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.audit import digests, seal, verify
from oauth_provider.audit.verify import Root
from oauth_provider.conf import conf
from oauth_provider.errors import CannotSeal
from oauth_provider.management.progress import Progress
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from oauth_provider.audit.findings import Finding
    from oauth_provider.audit.verify import Report

_ROOT = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)
_SEALS = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Command(BaseCommand):
    help = (
        "Verify the sealed audit events: changed, deleted, added or reordered ones are found, and a seal that is "
        "missing or was changed. Exit code 0 when all is as it was sealed, 1 when not. Safe to stop, to start again "
        "and to run twice at once."
    )
    # A cron job must seal although a setting is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seal", action="store_true", help="seal the events that wait first; for cron")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
        parser.add_argument(
            "--expect",
            metavar="NUMBER:ROOT",
            type=_root,
            action="append",
            default=[],
            help="a seal you wrote down elsewhere, which must be there with this root; may be given several times",
        )
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--last", metavar="SEALS", type=_seals, help="look at so many of the newest seals only")
        where.add_argument(
            "--after",
            metavar="NUMBER:ROOT",
            type=_root,
            default=verify.START,
            help="look at the seals after this one only: what it seals and what came before was archived",
        )

    def handle(self, *, expect: list[Root], last: int | None, after: Root, **options: Any) -> None:
        progress = Progress(self)
        sealed = self._seal(progress) if options["seal"] else None
        report = verify.verify(
            after=after if last is None else verify.last_seals(last),
            expected=expect,
            watch=lambda done, total: progress.show("seals", done, total),
        )
        progress.clear()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, sealed)))
        else:
            self._tell(report, sealed)
        if not report.is_intact:
            raise CommandError("The audit is not as it was sealed.", returncode=1)

    def _seal(self, progress: Progress) -> _Sealed:
        total = AuditEvent.objects.waiting().count() if progress.is_watched else 0
        sealed = _Sealed()
        try:
            for made in seal.seal_waiting():
                sealed = _Sealed(sealed.seals + 1, sealed.events + made.count)
                progress.show("sealing", sealed.events, total)
        except CannotSeal as error:
            raise CommandError(f"{error} Grant UPDATE on that column to the user of this command.") from error
        return sealed

    def _tell(self, report: Report, sealed: _Sealed | None) -> None:
        if sealed is not None:
            self.stdout.write(f"sealed now: {sealed.seals:,} seals with {sealed.events:,} events")
        for finding in report.findings:
            self.stdout.write(f"{finding.sentence}\n  What to do: {finding.fix}", self.style.ERROR)
        if report.more_findings:
            self.stdout.write(f"And {report.more_findings:,} findings more.", self.style.ERROR)
        state = "as they were sealed" if report.is_intact else "NOT as they were sealed"
        self.stdout.write(f"verified: {report.seals:,} seals with {report.events:,} events, {state}")
        if conf.AUDIT_KEY and report.signed_with_secret_key:
            self.stdout.write(
                f"signed with SECRET_KEY, before AUDIT_KEY was set: {report.signed_with_secret_key:,} seals"
            )
        oldest = f", the oldest since {digests.utc(report.oldest_waiting)}" if report.oldest_waiting else ""
        self.stdout.write(f"waiting for a seal: {report.waiting:,} events{oldest}")
        if report.last is not None:
            self.stdout.write(f"last seal: {report.last}")


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What this run sealed before it verified."""

    seals: int = 0
    events: int = 0


def _as_json(report: Report, sealed: _Sealed | None) -> dict[str, object]:
    return {
        "intact": report.is_intact,
        "sealed": None if sealed is None else {"seals": sealed.seals, "events": sealed.events},
        "seals": report.seals,
        "events": report.events,
        "last": None if report.last is None else str(report.last),
        "signed_with_secret_key": report.signed_with_secret_key,
        "waiting": report.waiting,
        "oldest_waiting": None if report.oldest_waiting is None else digests.utc(report.oldest_waiting),
        "findings": [_finding(finding) for finding in report.findings],
        "more_findings": report.more_findings,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "seals": finding.seals,
        "events": finding.events,
        "sentence": finding.sentence,
        "fix": finding.fix,
    }


def _root(given: str) -> Root:
    found = _ROOT.fullmatch(given.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"must be NUMBER:ROOT as `last seal` prints it, not {given!r}")
    return Root(int(found[1]), found[2])


def _seals(given: str) -> int:
    if not _SEALS.fullmatch(given):
        raise argparse.ArgumentTypeError(f"must be a number of seals from 1 on, not {given!r}")
    return int(given)
