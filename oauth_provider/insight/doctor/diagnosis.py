"""One thing that was looked at: well, or what is wrong and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`problem`: something does not work or is not safe; `warning`: somebody should look at it."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`name` is for programs, the sentence and the fix for people. Neither ever holds a secret."""

    name: str
    state: State
    sentence: str
    fix: str = ""
    group: str = ""


def ok(name: str, sentence: str) -> Diagnosis:
    """Well."""
    return Diagnosis(name, State.OK, sentence)


def warning(name: str, sentence: str, fix: str) -> Diagnosis:
    """Somebody should look at it."""
    return Diagnosis(name, State.WARNING, sentence, fix)


def problem(name: str, sentence: str, fix: str) -> Diagnosis:
    """It does not work, or is not safe."""
    return Diagnosis(name, State.PROBLEM, sentence, fix)
