"""What is said of one HTTP method of one route."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauth_provider.resource_server.ways import Way


class Outcome(StrEnum):
    """What an app gets there."""

    SCOPES = "scopes"
    ANY_APP = "any app"
    OPEN = "open"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    UNCLEAR = "unclear"


GAPS = frozenset({Outcome.ANY_APP, Outcome.OPEN, Outcome.MISCONFIGURED, Outcome.UNCLEAR})


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, relative to where it is imported from."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "?"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ways` are those of an app with a token, `why` a sentence for people."""

    outcome: Outcome
    ways: tuple[Way, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """One method (`*`: whichever) of one route and view."""

    route: str
    view: str
    method: str
    place: Place
    verdict: Verdict

    @property
    def key(self) -> str:
        """What a baseline knows it by: route, view and method, no line numbers."""
        return f"{self.method} {self.route} {self.view}"

    @property
    def outcome(self) -> Outcome:
        """What an app gets there."""
        return self.verdict.outcome

    @property
    def is_gap(self) -> bool:
        """Whether somebody gets in, or may, for whom no scope was asked."""
        return self.outcome in GAPS

    @property
    def written(self) -> str:
        """The answer in a few words: the ways in, or the outcome."""
        if self.outcome in {Outcome.SCOPES, Outcome.ANY_APP}:
            return " | ".join(map(str, self.verdict.ways))
        return self.outcome.value
