"""`authorization_details` (RFC 9396): which objects a client asks for, and fewer of those it was granted."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.clients import json_object
from oauth_provider.errors import InvalidAuthorizationDetails, InvalidClientMetadata
from oauth_provider.values import TokenFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oauth_provider.models import Client, Grant

PARAMETER = "authorization_details"
_MOST_ENTRIES = 20
_MEMBERS = frozenset({"type", "identifiers"})

# Kind → the keys asked for, or None where the client leaves them to the person.
Details = dict[str, targets.Keys | None]


def asked(text: str | None, *, scopes: Iterable[str]) -> Details:
    """The objects an authorization request names; raises InvalidAuthorizationDetails (RFC 9396 §5)."""
    details = parse(text)
    kinds = known_scopes.targets_of(scopes)
    for kind in details:
        if kind not in kinds:
            raise InvalidAuthorizationDetails(
                "No requested scope is about objects of this type.",
                rule="authorization_details_scope",
                compared={"sent": kind, "allowed": " ".join(kinds)},
            )
    return details


def narrowed(text: str | None, *, grant: Grant, scopes: Iterable[str], client: Client) -> Mapping[str, targets.Keys]:
    """The objects of a token that follows from a grant: all of them, or the fewer that are asked for (RFC 9396 §6).

    The grant keeps what it was given. Raises InvalidAuthorizationDetails.
    """
    granted = targets.only(targets.load(grant.targets), known_scopes.targets_of(scopes))
    details = parse(text)
    if text is None:
        return granted
    wider = [kind for kind, keys in details.items() if not _is_within(keys, granted.get(kind, ()))]
    if wider:
        raise InvalidAuthorizationDetails(
            "More objects are asked for than were granted.",
            rule="authorization_details_not_granted",
            compared={"sent": " ".join(wider), "granted": " ".join(granted)},
        )
    fewer = {kind: granted[kind] if keys is None else keys for kind, keys in details.items()}
    if fewer != granted and client.token_format != TokenFormat.JWT:
        raise InvalidAuthorizationDetails(
            "An opaque access token has all the objects of its grant.", rule="authorization_details_opaque"
        )
    return fewer


def refuse(text: str | None) -> None:
    """Raise InvalidAuthorizationDetails if any are sent: with this grant nobody chose objects that could be named."""
    if text is not None:
        raise InvalidAuthorizationDetails(
            "authorization_details are not served with this grant.", rule="authorization_details_nobody_chose"
        )


def parse(text: str | None) -> Details:
    """The parameter's value by type; raises InvalidAuthorizationDetails for anything but what we know."""
    if text is None:
        return {}
    try:
        # The reader is for objects; it refuses doubled members and what is no JSON.
        found = json_object.read(f'{{"entries": {text}}}'.encode("utf-8", "surrogatepass"))
    except InvalidClientMetadata as error:
        raise _malformed(error.detail) from error
    entries = found["entries"] if len(found) == 1 else None
    if not isinstance(entries, list) or not 0 < len(entries) <= _MOST_ENTRIES:
        raise _malformed(f"it is no array of 1 to {_MOST_ENTRIES} objects")
    details: Details = {}
    for entry in entries:
        kind, keys = _read(entry)
        before = details.get(kind, ())
        details[kind] = None if keys is None or before is None else tuple(dict.fromkeys((*before, *keys)))
    if any(targets.ALL in (keys or ()) and keys != targets.EVERY for keys in details.values()):
        raise _malformed(f'"{targets.ALL}" stands beside other identifiers')
    sizes = [len(key) for keys in details.values() for key in keys or ()]
    if len(sizes) > targets.MOST_CHOSEN or sum(sizes) > targets.MOST_CHARACTERS:
        raise _malformed("it names too many objects")
    return details


def dump(details: Details) -> list[dict[str, object]]:
    """As a row keeps them."""
    return [
        {"type": kind} if keys is None else {"type": kind, "identifiers": list(keys)} for kind, keys in details.items()
    ]


def load(stored: list[dict[str, Any]]) -> Details:
    """What `dump` wrote."""
    return {entry["type"]: tuple(entry["identifiers"]) if "identifiers" in entry else None for entry in stored}


def _read(entry: object) -> tuple[str, targets.Keys | None]:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise _malformed("an entry is no object with a type")
    kind = entry["type"]
    if kind not in targets.registered():
        raise InvalidAuthorizationDetails(
            "A type is unknown.",
            rule="authorization_details_type",
            compared={"sent": kind[: targets.LONGEST_KEY], "known": " ".join(targets.registered())},
        )
    if unknown := set(entry) - _MEMBERS:
        # RFC 9396 §5: the server must refuse unknown fields.
        raise _malformed(f"an entry has the member {min(unknown)[:40]!r}, which this type does not have")
    if "identifiers" not in entry:
        return kind, None
    keys = entry["identifiers"]
    if not isinstance(keys, list) or not keys or not all(map(_is_key, keys)):
        raise _malformed("identifiers is no array of at least one text, without control characters")
    return kind, tuple(keys)


def _is_key(key: object) -> bool:
    return (
        isinstance(key, str)
        and 0 < len(key) <= targets.LONGEST_KEY
        and not any(unicodedata.category(sign)[0] == "C" for sign in key)
    )


def _is_within(keys: targets.Keys | None, granted: targets.Keys) -> bool:
    if not granted:
        return False
    return keys is None or targets.both(keys, granted) == keys


def _malformed(why: str) -> InvalidAuthorizationDetails:
    return InvalidAuthorizationDetails("authorization_details cannot be used.", detail=why)
