"""Export: JSON Lines, one event a line, written while they are read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from oauth_provider.audit import digests, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from oauth_provider.models import AuditEvent

CONTENT_TYPE = "application/x-ndjson"

_PAGE = 1000
# A spreadsheet runs what begins like this, signs nobody sees before it or not: = + - @ with their full-width, small
# and raised variants, tab, carriage return and line feed.
_INVISIBLE = r"[\s\x00-\x20\x7f-\xa0\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
_FORMULA = re.compile(
    rf"[\t\r\n]|{_INVISIBLE}[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c\u2212]"
)


def json_lines(events: QuerySet[AuditEvent]) -> Iterator[bytes]:
    """The events as JSON Lines in the order of their ids, some hundred lines at a time; memory stays bounded.

    Text that a spreadsheet would run as a formula begins with an apostrophe; everything beyond ASCII and every
    control character is escaped as JSON asks (RFC 8259 §7).
    """
    for page in reading.pages(events.values(*digests.COLUMNS), size=_PAGE):
        yield "".join(f"{_line(event)}\n" for event in page).encode("ascii")


def _line(event: dict[str, Any]) -> str:
    first = {"id": event["id"], "at": digests.utc(event["at"]), "seal": event["batch"]}
    others = {name: value for name, value in event.items() if name not in {"id", "at", "batch"}}
    return json.dumps({**first, **harmless(others)})


def harmless(value: Any) -> Any:
    """The value with an apostrophe before each text in it, names included, that would be run as a formula."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, dict):
        return {harmless(name): harmless(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [harmless(inner) for inner in value]
    return value
