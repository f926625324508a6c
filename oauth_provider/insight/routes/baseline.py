"""The committed state of a site's routes, and what is worse than it.

A grown site starts with the gaps it has: they stand in the file, and only new ones fail. Refused routes are left out:
they can only become more open, and then they are new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from oauth_provider.insight.routes.covered import GAPS, Covered, Outcome
from oauth_provider.resource_server.ways import Way

if TYPE_CHECKING:
    from pathlib import Path

FILE = "oauth_routes.json"
_VERSION = 1

# Key → outcome, or the ways in.
Known = Mapping[str, str | tuple[Way, ...]]

# Outcomes that are written as they are; anything else in the file is ways in.
_WORDS = frozenset({Outcome.OPEN.value, Outcome.MISCONFIGURED.value, Outcome.UNCLEAR.value})

_ACCEPT = "manage.py oauth_routes --write-baseline"
_ASKS_FOR_LESS = f"It asks for less than before. If that is meant, accept it: {_ACCEPT}"
_FIXES = {
    Outcome.OPEN: "Give it a permission that asks for a scope, for instance HasScope(…) | IsSessionUser. "
    f"If it is meant for everybody, accept it: {_ACCEPT}",
    Outcome.ANY_APP: f"Ask for a scope with HasScope. If every app may enter, accept it: {_ACCEPT}",
    Outcome.MISCONFIGURED: "It raises ImproperlyConfigured when it is called: mend what that says.",
    Outcome.UNCLEAR: "Let its permissions depend on method and action only, or see for yourself that it asks for "
    f"a scope and accept it: {_ACCEPT}",
}


class Unreadable(Exception):
    """The file is no baseline; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One route that is worse than the baseline, in a sentence, and what to do."""

    covered: Covered
    sentence: str
    fix: str

    def __str__(self) -> str:
        covered = self.covered
        return (
            f"{covered.place}: {covered.method} {covered.route} ({covered.view})\n    {self.sentence}\n    {self.fix}"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """`worse` fails a build; `new` are covered routes and `stale` entries that the file should learn or forget."""

    worse: tuple[Finding, ...]
    new: tuple[Covered, ...]
    stale: tuple[str, ...]


def write(routes: Iterable[Covered]) -> str:
    """The text of the file: one line a method, sorted, so that a difference reads as one."""
    rows = sorted((one for one in routes if one.outcome != Outcome.REFUSED), key=lambda one: (one.route, one.method))
    entries = {one.key: one.written for one in rows}
    return json.dumps({"version": _VERSION, "routes": entries}, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Known:
    """The file's entries; raises FileNotFoundError and Unreadable."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is not JSON: {error}") from error
    entries = given.get("routes") if isinstance(given, dict) and given.get("version") == _VERSION else None
    if not isinstance(entries, dict) or not all(isinstance(written, str) for written in entries.values()):
        raise Unreadable(f"{path} is no baseline of oauth_routes; write a new one with --write-baseline.")
    return {key: _read(written) for key, written in entries.items()}


def _read(written: str) -> str | tuple[Way, ...]:
    return written if written in _WORDS else tuple(map(Way.read, written.split(" | ")))


def compare(routes: Iterable[Covered], known: Known, *, allow: Iterable[str] = ()) -> Comparison:
    """What is worse than the baseline, but for what `allow` names: routes, dotted views or keys, `*` as in a shell."""
    patterns = tuple(allow)
    found = {one.key: one for one in routes}
    worse = tuple(
        finding
        for one in found.values()
        if not _is_allowed(one, patterns) and (finding := _worse(one, known.get(one.key))) is not None
    )
    of_worse = {finding.covered.key for finding in worse}
    new = tuple(
        one
        for one in found.values()
        if one.key not in known and one.key not in of_worse and one.outcome == Outcome.SCOPES
    )
    return Comparison(worse, new, tuple(sorted(_stale(found, known))))


def _is_allowed(covered: Covered, patterns: tuple[str, ...]) -> bool:
    names = (covered.route, covered.view, f"{covered.method} {covered.route}", covered.key)
    return any(fnmatchcase(name, pattern) or name == pattern for name in names for pattern in patterns)


def _worse(covered: Covered, before: str | tuple[Way, ...] | None) -> Finding | None:
    now = covered.outcome
    if now == Outcome.REFUSED or (before is not None and _is_accepted(covered, before)):
        return None
    if before is None and now not in GAPS:
        return None
    sentence = f"It is {covered.written!r}" if now in _WORDS else f"An app enters with {covered.written!r}"
    if covered.verdict.why and now in GAPS:
        sentence += f" ({covered.verdict.why})"
    sentence += ", and is new." if before is None else f"; the baseline says {_written(before)!r}."
    return Finding(covered, sentence, _FIXES.get(now, _ASKS_FOR_LESS))


def _is_accepted(covered: Covered, before: str | tuple[Way, ...]) -> bool:
    if covered.outcome in _WORDS:
        return before == covered.outcome.value
    # What was open to everybody and now asks apps for scopes is better.
    if before == Outcome.OPEN.value:
        return covered.outcome == Outcome.SCOPES
    if isinstance(before, str):
        return covered.outcome == Outcome.SCOPES
    return all(any(way.is_within(old) for old in before) for way in covered.verdict.ways)


def _stale(found: Mapping[str, Covered], known: Known) -> Iterable[str]:
    for key, before in known.items():
        now = found.get(key)
        if now is None:
            yield f"{key}: there is no such route any more."
        elif now.written != _written(before) and _is_better(now, before):
            yield f"{key}: it was {_written(before)!r} and is {now.written!r} now."


def _is_better(now: Covered, before: str | tuple[Way, ...]) -> bool:
    return now.outcome == Outcome.REFUSED or _is_accepted(now, before)


def _written(before: str | tuple[Way, ...]) -> str:
    return before if isinstance(before, str) else " | ".join(map(str, before))
