"""What a seal says in digests: a leaf for each event, a root over the leaves and over the root before.

Both are SHA-256 over a name with a version and canonical JSON: keys in order, no spaces, ASCII, times in UTC. The
format is written down in docs/audit.md, so that others can compute it again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from oauth_provider.models import AuditSeal

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every column of AuditEvent. One that is added later starts a version 2, which verifying tries before version 1:
# what was sealed must stay verifiable.
COLUMNS = (
    *("id", "at", "event", "client_id", "user_id", "actor", "grant_id"),
    *("address", "user_agent", "request_id", "detail", "batch"),
)
LEAF_BYTES = 32
# What stands before the first seal.
NO_ROOT = "0" * 64

_EVENT = b"oauth_provider/audit/event/1\x00"
_SEAL = b"oauth_provider/audit/seal/1\x00"


def leaf(event: Mapping[str, Any]) -> bytes:
    """The digest of one event, given as the values of COLUMNS; its id and its seal are among them."""
    return hashlib.sha256(_EVENT + _canonical(event)).digest()


def root(seal: AuditSeal) -> str:
    """The digest of everything a seal says and of all seals before it; the row's own `root` is not looked at."""
    contents = {
        "number": seal.number,
        "count": seal.count,
        "first_event": seal.first_event,
        "last_event": seal.last_event,
        "leaves": bytes(seal.leaves).hex(),
        "previous": seal.previous,
        "sealed_at": seal.sealed_at,
    }
    return hashlib.sha256(_SEAL + _canonical(contents)).hexdigest()


def split(leaves: bytes) -> list[bytes]:
    """The digests of a seal's events, in their order."""
    return [leaves[start : start + LEAF_BYTES] for start in range(0, len(leaves), LEAF_BYTES)]


def _canonical(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_written).encode("ascii")


def _written(value: object) -> str:
    # Somebody may have written into the table what its column does not hold: reported as changed, not raised.
    return utc(value) if isinstance(value, datetime) else repr(value)


def utc(at: datetime) -> str:
    """The time as it is sealed and exported: UTC with microseconds, whatever USE_TZ says."""
    aware = at if timezone.is_aware(at) else timezone.make_aware(at)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")
