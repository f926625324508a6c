"""Verifying: every seal in its order, each with its events, in bounded memory and beside a site that goes on working.

What it cannot see stands in docs/audit.md: events that were deleted or changed before they were sealed, and an end
that was cut off together with its seals, unless a root that was written down elsewhere is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import router
from django.db.models import Exists, Max, OuterRef

from oauth_provider.audit import digests, reading
from oauth_provider.audit.compare import compare
from oauth_provider.audit.findings import Finding, Kind, numbered
from oauth_provider.audit.signatures import Keys, Signer
from oauth_provider.models import AuditEvent, AuditSeal

# More findings than anybody reads are counted.
MOST_FINDINGS = 100
# A seal of 1,000 events holds 32 kB of leaves.
_PAGE = 20


class Root(NamedTuple):
    """A seal as it is written down outside the database, `NUMBER:ROOT`; with an empty root only its number is known."""

    number: int
    root: str

    def __str__(self) -> str:
        return f"{self.number}:{self.root}"


START = Root(0, digests.NO_ROOT)


@dataclass(slots=True)
class Report:
    """What a walk found: the first findings in the order of the seals, how many more, and what was looked at."""

    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0
    seals: int = 0
    events: int = 0
    last: Root | None = None
    # Of those seals, how many a key from SECRET_KEY signed.
    signed_with_secret_key: int = 0
    waiting: int = 0
    oldest_waiting: datetime | None = None

    @property
    def is_intact(self) -> bool:
        """Whether everything that was looked at is as it was sealed."""
        return not self.findings

    def add(self, finding: Finding) -> None:
        """Note a finding; one signature after the other that no key makes is one finding."""
        last = self.findings[-1] if self.findings else None
        if last and last.kind == finding.kind == Kind.SIGNATURE_UNKNOWN and last.seals[1] + 1 == finding.seals[0]:
            self.findings[-1] = _unsigned(last.seals[0], finding.seals[1])
        elif len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.more_findings += 1


def verify(
    *,
    after: Root = START,
    expected: Collection[Root] = (),
    watch: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Walk the seals after `after` and look for the expected ones; `watch` is told how many of how many are done.

    Seals that are made meanwhile are looked at too or left for the next time. Nothing is written.
    """
    report = Report()
    end = AuditSeal.objects.aggregate(end=Max("number"))["end"] or 0
    walk = _Walk(report, after)
    for done, seal in enumerate(_seals(after.number, report), start=1):
        walk.step(seal)
        watch(done, max(done, end - after.number))
    _look_beyond(report, after)
    for root in expected:
        _look_for(root, report)
    waiting = AuditEvent.objects.waiting()
    report.waiting = waiting.count()
    report.oldest_waiting = waiting.values_list("at", flat=True).first()
    return report


def last_seals(count: int) -> Root:
    """Where to begin to look at so many of the newest seals."""
    newest = AuditSeal.objects.newest()
    if newest is None or newest.number <= count:
        return START
    before = newest.number - count
    return Root(before, AuditSeal.objects.filter(number=before).values_list("root", flat=True).first() or "")


def _seals(after: int, report: Report) -> Iterator[AuditSeal]:
    page: list[AuditSeal] | None = None
    while page is None or page:
        try:
            page = list(AuditSeal.objects.filter(number__gt=after).order_by("number")[:_PAGE])
        except reading.UNREADABLE:
            report.add(Finding(Kind.UNREADABLE, (after + 1, after + 1), f"A seal after {after} cannot be read."))
            return
        yield from page
        after = page[-1].number if page else after


@dataclass(slots=True)
class _Walk:
    """Where the walk stands: the seal before, its root as stored and as its columns give it, and who signed so far."""

    report: Report
    before: Root
    recomputed: str = ""
    keys: Keys = field(default_factory=Keys.present)
    signers: set[Signer] = field(default_factory=set)
    using: str = field(default_factory=lambda: router.db_for_write(AuditEvent))

    def step(self, seal: AuditSeal) -> None:
        """Look at one seal and its events."""
        try:
            root = digests.root(seal)
            self._look_at_place(seal)
            self._look_at_row(seal, root)
            for finding in compare(seal, using=self.using):
                self.report.add(finding)
            self.report.events += seal.count
            self.report.last = Root(seal.number, seal.root)
        except reading.UNREADABLE:
            self._find(Kind.UNREADABLE, seal, "it or one of its events holds a value that its column cannot hold.")
            root = ""
        self.before, self.recomputed = Root(seal.number, seal.root), root
        self.report.seals += 1

    def _find(self, kind: Kind, seal: AuditSeal, sentence: str) -> None:
        self.report.add(Finding(kind, (seal.number, seal.number), f"Seal {seal.number}: {sentence}"))

    def _look_at_place(self, seal: AuditSeal) -> None:
        number = self.before.number
        if seal.number != number + 1:
            self.report.add(_missing(number + 1, seal.number - 1, self.using))
        elif self.before.root and seal.previous not in {self.before.root, self.recomputed}:
            self._find(Kind.CHAIN_BROKEN, seal, f"it does not follow seal {number}, the root before it is another one.")

    def _look_at_row(self, seal: AuditSeal, root: str) -> None:
        signer = self.keys.signer_of(seal.root, seal.signature)
        if root == seal.root:
            if signer is None:
                self.report.add(_unsigned(seal.number, seal.number))
            elif signer == Signer.SECRET_KEY and self.keys.own and Signer.AUDIT_KEY in self.signers:
                self._find(Kind.SIGNATURE_UNKNOWN, seal, "it is signed with SECRET_KEY, those before with AUDIT_KEY.")
        elif signer is not None:
            self._find(Kind.SEAL_CHANGED, seal, "its row was changed: the root that is signed is not the one it gives.")
        elif self.keys.signer_of(root, seal.signature) is not None:
            self._find(Kind.SEAL_CHANGED, seal, "its root was changed: another one is signed.")
        else:
            self._find(Kind.SEAL_CHANGED, seal, "its row was changed, and no present key made its signature.")
        if signer is not None:
            self.signers.add(signer)
            self.report.signed_with_secret_key += signer == Signer.SECRET_KEY


def _unsigned(first: int, last: int) -> Finding:
    which = (
        f"Seal {first}: no present key made its signature."
        if first == last
        else (f"Seals {first} to {last}: no present key made their signatures.")
    )
    return Finding(Kind.SIGNATURE_UNKNOWN, (first, last), which)


def _missing(first: int, last: int, using: str) -> Finding:
    events = AuditEvent.objects.using(using).filter(batch__range=(first, last)).count()
    seals = f"Seal {first} is" if first == last else f"Seals {first} to {last} are"
    return Finding(Kind.SEAL_MISSING, (first, last), f"{seals} missing; {numbered(events)} said to be in there.")


def _look_beyond(report: Report, after: Root) -> None:
    """Events that name a seal which was never made, or one that was cut off."""
    last = report.last.number if report.last else after.number
    rows = AuditEvent.objects.using(router.db_for_write(AuditEvent))
    # In one statement: a seal made meanwhile comes with its events.
    homeless = rows.filter(batch__gt=last).exclude(Exists(AuditSeal.objects.filter(number=OuterRef("batch"))))
    if count := homeless.count():
        sentence = f"{numbered(count)} said to be in seals after the last one, {last}: the end was cut off."
        report.add(Finding(Kind.END_CUT, (last + 1, last + 1), sentence))
    if count := rows.filter(batch__lt=1).count():
        report.add(Finding(Kind.EVENT_ADDED, (0, 0), f"{numbered(count)} said to be in a seal that cannot be."))


def _look_for(expected: Root, report: Report) -> None:
    found = AuditSeal.objects.filter(number=expected.number).values_list("root", flat=True).first()
    seals = (expected.number, expected.number)
    if found is None:
        sentence = (
            f"Seal {expected.number} is expected and not there: the end was cut off, or an older backup restored."
        )
        report.add(Finding(Kind.END_CUT, seals, sentence))
    elif found != expected.root:
        sentence = (
            f"Seal {expected.number} has another root than expected: it was made anew, or an older backup was restored "
            "and went on."
        )
        report.add(Finding(Kind.OTHER_ROOT, seals, sentence))
