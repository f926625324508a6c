"""What was sent beside what was expected, with the signs or words marked in which they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider import rules
from oauth_provider.clients import redirect_uris

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SENT = "sent"
_GAP = "·"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value; marked when the other value does not have it there."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One value by its name, in lines of pieces."""

    name: str
    label: str | _StrPromise
    lines: tuple[tuple[Piece, ...], ...]


def mark(compared: Mapping[str, str]) -> tuple[Compared, ...]:
    """The values in the order given; where something was sent, its difference to the nearest other is marked."""
    sent = compared.get(SENT)
    others = {name: value for name, value in compared.items() if name != SENT}
    against = next(iter(others.values()), None)
    found = []
    for name, value in compared.items():
        lines: tuple[tuple[Piece, ...], ...] = tuple((Piece(line),) for line in value.split("\n"))
        if name == SENT and against is not None:
            lines = _marked(value, against)
        elif sent is not None and name in others and _is_one(sent):
            # The nearest stands first; the others are listed as they are.
            first, *rest = value.split("\n")
            lines = (_signs(first, sent), *((Piece(line),) for line in rest))
        found.append(Compared(name, rules.LABELS.get(name, name), lines))
    return tuple(found)


def _marked(sent: str, against: str) -> tuple[tuple[Piece, ...], ...]:
    if _is_one(sent):
        return (_signs(sent, against.partition("\n")[0]),)
    known = set(against.split())
    words = [Piece(word, differs=word not in known) for line in sent.split("\n") for word in line.split()]
    return (tuple(piece for word in words for piece in (word, Piece(" "))),)


def _is_one(value: str) -> bool:
    """Whether it is one address, to be compared sign by sign, and no list of names."""
    return "://" in value and len(value.split()) == 1


def _signs(value: str, other: str) -> tuple[Piece, ...]:
    """The value with what lies between equal beginning and equal end marked; a dot where only the other has it."""
    if value == other:
        return (Piece(value),)
    start = redirect_uris.equal_start(value, other)
    end = min(redirect_uris.equal_start(value[::-1], other[::-1]), len(value) - start, len(other) - start)
    middle = value[start : len(value) - end]
    pieces = (Piece(value[:start]), Piece(middle or _GAP, differs=True), Piece(value[len(value) - end :]))
    return tuple(piece for piece in pieces if piece.text)
