"""One seal and its events: which are changed, missing, added, or stand under each other's ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from oauth_provider.audit import digests, reading
from oauth_provider.audit.findings import Finding, Kind, listed
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oauth_provider.models import AuditSeal

# A seal holds at most 1,000 events: its own are one page, whatever somebody put beside them.
_PAGE = 1001
# Unknown events that are remembered; more are counted.
_MOST_STRANGERS = 1000
# Each of these is tried under the id of each other.
_MOST_EXCHANGED = 50


@dataclass(slots=True)
class _Seen:
    """The events that name the seal, in the order of their ids: each with its place in the seal, or None."""

    order: list[tuple[int, int | None]] = field(default_factory=list)
    strangers: list[dict[str, Any]] = field(default_factory=list)
    more_strangers: int = 0


def compare(seal: AuditSeal, *, using: str) -> list[Finding]:
    """What is not as it was sealed among the events of one seal; raises what `reading.UNREADABLE` names."""
    expected = digests.split(bytes(seal.leaves))
    places = {leaf: place for place, leaf in enumerate(expected)}
    rows = AuditEvent.objects.using(using).filter(batch=seal.number).values(*digests.COLUMNS)
    seen = _look(rows, places)
    if [place for _id, place in seen.order] == list(range(len(expected))):
        return []
    return list(_findings(seal, len(expected), seen, _exchanged(seen, places)))


def _look(rows: Any, places: dict[bytes, int]) -> _Seen:
    seen = _Seen()
    for row in chain.from_iterable(reading.pages(rows, size=_PAGE)):
        place = places.get(digests.leaf(row))
        if place is None and len(seen.strangers) == _MOST_STRANGERS:
            seen.more_strangers += 1
            continue
        seen.order.append((row["id"], place))
        if place is None:
            seen.strangers.append(row)
    return seen


def _exchanged(seen: _Seen, places: dict[bytes, int]) -> dict[int, int]:
    """Ids whose sealed contents stand under another id, with their places."""
    if len(seen.strangers) > _MOST_EXCHANGED:
        return {}
    present = {place for _id, place in seen.order}
    found = {}
    for row in seen.strangers:
        for other in seen.strangers:
            place = places.get(digests.leaf({**row, "id": other["id"]}))
            if place is not None and place not in present:
                found[other["id"]] = place
    return found


def _findings(seal: AuditSeal, count: int, seen: _Seen, exchanged: dict[int, int]) -> Iterator[Finding]:
    def finding(kind: Kind, sentence: str, events: Sequence[int] = ()) -> Finding:
        return Finding(kind, (seal.number, seal.number), f"Seal {seal.number}: {sentence}", tuple(events))

    aligned = _align([(id_, exchanged.get(id_, place)) for id_, place in seen.order], count)
    if exchanged:
        ids = sorted(exchanged)
        where = "stand under each other's ids" if len(ids) > 1 else "stand under another id"
        yield finding(Kind.EVENTS_REORDERED, f"the contents of {listed(ids)} {where}.", ids)
    if aligned.changed:
        are = "is" if len(aligned.changed) == 1 else "are"
        yield finding(Kind.EVENT_CHANGED, f"{listed(aligned.changed)} {are} not as sealed.", aligned.changed)
    if aligned.missing:
        where = "; ".join(map(str, aligned.missing))
        total = sum(missing.last - missing.first + 1 for missing in aligned.missing)
        are = "is" if total == 1 else "are"
        yield finding(Kind.EVENT_DELETED, f"{total:,} of its {count:,} events {are} missing: {where}.")
    if aligned.added:
        which = listed(aligned.added, more=seen.more_strangers)
        yield finding(Kind.EVENT_ADDED, f"{which} came in after it was sealed.", aligned.added)
    if not exchanged and aligned == _Aligned():
        yield finding(Kind.EVENTS_REORDERED, "its events stand in another order than they were sealed in.")


@dataclass(frozen=True, slots=True)
class _Missing:
    """Places of a seal, counted from 1, whose events are not there; the last event before them is."""

    first: int
    last: int
    after: int | None

    def __str__(self) -> str:
        places = f"place {self.first}" if self.first == self.last else f"places {self.first} to {self.last}"
        return places if self.after is None else f"{places}, after event {self.after}"


@dataclass(frozen=True, slots=True)
class _Aligned:
    changed: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    missing: list[_Missing] = field(default_factory=list)


def _align(order: list[tuple[int, int | None]], count: int) -> _Aligned:
    """What stands between events that are as sealed: so many places, so many unknown events in their stead."""
    aligned = _Aligned()
    strangers: list[int] = []
    before: tuple[int | None, int] = (None, -1)
    for id_, place in [*order, (0, count)]:
        if place is None:
            strangers.append(id_)
            continue
        gap = max(0, place - before[1] - 1)
        aligned.changed.extend(strangers[:gap])
        aligned.added.extend(strangers[gap:])
        if gap > len(strangers):
            aligned.missing.append(_Missing(before[1] + 2 + len(strangers), place, before[0]))
        before, strangers = (id_, place), []
    return aligned
