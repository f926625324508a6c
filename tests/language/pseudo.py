"""A pseudo-locale, read from right to left: every message in letters that mean nothing, a third longer than it was.

What still stands on a page in Latin letters was not marked for translation. The code is `ar`: a language Django
knows as one that runs from right to left, with six plural forms, and no real catalogue of ours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polib

from tests.language.catalogues import TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGE = "ar"
# As Django's own Arabic catalogue counts.
_PLURALS = (
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
)
_KEPT = re.compile(r"(%\(\w+\)[a-z]|%[sd]|\{\w*\}|<[^>]+>|&\w+;)")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz" * 2, "ابجدهوزحطيكلمنسعفصقرشتثخذض" * 2)
_EVERY_THIRD = re.compile(r"(\w\w)(\w)")


def write(folder: Path) -> Path:
    """Write the catalogue below `folder`, for LOCALE_PATHS."""
    place = folder / LANGUAGE / "LC_MESSAGES"
    place.mkdir(parents=True)
    template = polib.pofile(str(TEMPLATE))
    made = polib.POFile()
    made.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": LANGUAGE,
        "Plural-Forms": _PLURALS,
    }
    for entry in template:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: turned(entry.msgid_plural), 1: turned(entry.msgid)} | {
                form: turned(entry.msgid_plural) for form in range(2, 6)
            }
        else:
            entry.msgstr = turned(entry.msgid)
        made.append(entry)
    made.save_as_mofile(str(place / "django.mo"))
    return folder


def turned(text: str) -> str:
    """The text in letters read from right to left; placeholders and tags stay."""
    pieces = _KEPT.split(text)
    return "".join(piece if number % 2 else _turn(piece) for number, piece in enumerate(pieces))


def _turn(piece: str) -> str:
    letters = piece.lower().translate(_LETTERS)
    return _EVERY_THIRD.sub(r"\1\2\2", letters)
