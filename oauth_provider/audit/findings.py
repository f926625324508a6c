"""What verifying can find, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is not as it was sealed."""

    EVENT_CHANGED = "event_changed"
    EVENT_DELETED = "event_deleted"
    EVENT_ADDED = "event_added"
    EVENTS_REORDERED = "events_reordered"
    SEAL_CHANGED = "seal_changed"
    SEAL_MISSING = "seal_missing"
    CHAIN_BROKEN = "chain_broken"
    SIGNATURE_UNKNOWN = "signature_unknown"
    END_CUT = "end_cut"
    OTHER_ROOT = "other_root"
    UNREADABLE = "unreadable"


_FIND_OUT = (
    "Find out who can write to the tables of the audit, keep them as they are, and compare with a backup and with "
    "the logs you shipped."
)
_OR = _FIND_OUT[0].lower() + _FIND_OUT[1:]
_RESTORED = f"If a backup was restored, write that down and expect the present last seal from now on. If not: {_OR}"
_FIXES = {
    Kind.SIGNATURE_UNKNOWN: (
        "If AUDIT_KEY or SECRET_KEY was replaced, put the old one into AUDIT_KEY_FALLBACKS or SECRET_KEY_FALLBACKS "
        f"and verify again. What is still found then was forged: {_OR}"
    ),
    Kind.END_CUT: _RESTORED,
    Kind.OTHER_ROOT: _RESTORED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed: in which seals (first and last), which events, in a sentence."""

    kind: Kind
    seals: tuple[int, int]
    sentence: str
    events: tuple[int, ...] = ()

    @property
    def fix(self) -> str:
        """What to do about it."""
        return _FIXES.get(self.kind, _FIND_OUT)


def listed(ids: list[int], *, more: int = 0) -> str:
    """`event 7`, `events 7 and 9`, or the first ten and how many more, those included that have no id here."""
    shown = [str(id_) for id_ in ids[:10]]
    more += len(ids) - len(shown)
    if more:
        return f"events {', '.join(shown)} and {more:,} more"
    if len(shown) == 1:
        return f"event {shown[0]}"
    return f"events {', '.join(shown[:-1])} and {shown[-1]}"


def numbered(count: int) -> str:
    """`1 event is`, `2 events are`."""
    return f"{count:,} event is" if count == 1 else f"{count:,} events are"
