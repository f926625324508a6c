"""Reading parameters once: encoding, NUL, duplicates, sizes. What passes here is text of a sane length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from oauth_provider.errors import RequestTooLarge, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

# Bytes of a whole form or query; far more than any real request, far less than what costs time.
MAX_BYTES = 65_536
MAX_PARAMETERS = 100
# Characters of one value.
MAX_VALUE = 4096

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# RFC 8707 §2: the one parameter that may come more than once.
_MAY_REPEAT = "resource"
_TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was sent: one value a name, the resources, and the names that were sent twice."""

    values: Mapping[str, str]
    resources: tuple[str, ...]
    doubled: frozenset[str]

    def get(self, name: str) -> str | None:
        """The value, or None; one sent without a value counts as omitted (RFC 6749 §3.1)."""
        return self.values.get(name) or None


def read_parameters(raw: bytes) -> Parameters:
    """Parse `application/x-www-form-urlencoded` bytes; raises Unreadable or RequestTooLarge."""
    if len(raw) > MAX_BYTES:
        raise RequestTooLarge("The request is too large.", rule="too_large")
    if _BROKEN_ESCAPE.search(raw):
        raise Unreadable(
            "The request is not correctly encoded.", detail="a % without two hex digits", rule="not_encoded"
        )
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "The request is not correctly encoded.", detail="not UTF-8, or not escaped", rule="not_encoded"
        ) from error
    except ValueError as error:
        raise RequestTooLarge("The request has too many parameters.", rule="too_large") from error
    values: dict[str, str] = {}
    doubled = set()
    for name, sent in pairs:
        # RFC 7009 §2.2, RFC 7662 §2.2: what cannot be a token is answered like an unknown one, not by an error.
        value = sent.replace("\x00", "\ufffd") if name == _TOKEN else sent
        if "\x00" in name or "\x00" in value:
            raise Unreadable("The request contains a NUL character.", rule="forbidden_characters")
        if len(name) > MAX_VALUE or len(value) > MAX_VALUE:
            raise Unreadable(
                "A parameter is too long.",
                detail=f"{name[:40]}: {len(value)} characters",
                rule="too_large",
                compared={"sent": f"{name[:40]}: {len(value)}", "at_most": str(MAX_VALUE)},
            )
        if name in values and name != _MAY_REPEAT:
            doubled.add(name)
        values.setdefault(name, value)
    resources = tuple(dict.fromkeys(value for name, value in pairs if name == _MAY_REPEAT and value))
    return Parameters(values, resources, frozenset(doubled))
