"""Reading a JSON object that a stranger wrote: encoding, size, depth, doubled members, text that no column can hold."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from oauth_provider.errors import InvalidClientMetadata, MetadataTooLarge

# Bytes of a whole document; far more than any real one, far less than what costs time.
MAX_BYTES = 65_536
_NUL = "\x00"


def read(raw: bytes) -> dict[str, Any]:
    """The members of one JSON object in UTF-8 (RFC 8259); raises InvalidClientMetadata or MetadataTooLarge."""
    if len(raw) > MAX_BYTES:
        raise MetadataTooLarge("The document is too large.", detail=f"{len(raw)} bytes")
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise InvalidClientMetadata("The document is not UTF-8.") from error
    except RecursionError as error:
        raise InvalidClientMetadata("The document is nested too deeply.") from error
    except ValueError as error:  # its subclass JSONDecodeError, and a number of more digits than Python reads
        raise InvalidClientMetadata("The document is not JSON.", detail=str(error)[:200]) from error
    if not isinstance(found, dict):
        raise InvalidClientMetadata("The document must be a JSON object.", detail=f"a {type(found).__name__}")
    if not _is_text_throughout(found):
        raise InvalidClientMetadata("The document has NUL or half a surrogate pair in a string.")
    return found


def _without_doubles(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 §4: which of two members of one name counts is left open, so neither may."""
    found = dict(members)
    if len(found) != len(members):
        raise InvalidClientMetadata("A member stands in the document more than once.")
    return found


def _no_number(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)


def _is_text_throughout(found: Any) -> bool:
    """Walked with a list, not by recursion: what was just readable may be nested as deeply as Python goes."""
    todo = [found]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo.extend(value)
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, str) and (_NUL in value or not _is_utf8(value)):
            return False
    return True


def _is_utf8(value: str) -> bool:
    """JSON may escape one half of a surrogate pair (RFC 8259 §8.2); databases and responses cannot carry it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
