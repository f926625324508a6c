"""What is wrong with a file, said with the place in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

TABLE = "clients"


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about one place of the file; it never holds a secret."""

    key: str
    field: str
    sentence: str

    def __str__(self) -> str:
        place = ".".join(part for part in (TABLE if self.key else "", self.key, self.field) if part)
        return f"{place}: {self.sentence}" if place else self.sentence


class Refused(Exception):
    """The file cannot be applied as it stands; nothing was written."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def of_refusal(key: str, refusal: ValidationError, *, field: str = "") -> Iterator[Problem]:
    """The problems that a room found with an entry; `field` for a room that names none."""
    if not hasattr(refusal, "error_dict"):
        yield from (Problem(key, field, sentence) for sentence in refusal.messages)
        return
    for name, sentences in refusal.message_dict.items():
        place = field if name == NON_FIELD_ERRORS else name
        yield from (Problem(key, place, str(sentence)) for sentence in sentences)
