"""`oauth_routes`: what an app gets at every view of the site; with `--check`, whether that got worse."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider import scopes
from oauth_provider.insight.routes import baseline, routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oauth_provider.insight.routes.baseline import Comparison
    from oauth_provider.insight.routes.covered import Covered

_GAP = "  "


class Command(BaseCommand):
    help = (
        "Which scopes an app needs at every view of the site, and where it gets in without one. "
        "Reads the URLconf and asks the permissions themselves; makes no request and no statement."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", default="", metavar="PATH", help="only routes that begin so: /api/")
        parser.add_argument("--format", choices=["table", "json"], default="table", help="(default: table)")
        parser.add_argument(
            "--baseline",
            type=Path,
            metavar="FILE",
            help=f"the committed state (default: {baseline.FILE} beside manage.py)",
        )
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--check", action="store_true", help="exit with 1 when a route is worse than the baseline")
        doing.add_argument("--write-baseline", action="store_true", help="accept the routes as they are now")
        parser.add_argument(
            "--strict", action="store_true", help="with --check: exit with 1 when the baseline is out of date, too"
        )

    def handle(self, **options: Any) -> None:
        if options["path"] and (options["check"] or options["write_baseline"]):
            raise CommandError("A baseline is about the whole site: leave PATH out.")
        if options["strict"] and not options["check"]:
            raise CommandError("--strict is for --check.")
        try:
            found = routes()
        except Exception as error:
            raise CommandError(f"The URLconf cannot be read: {type(error).__name__}: {error}") from error
        file = options["baseline"] or beside_manage_py() / baseline.FILE
        if options["write_baseline"]:
            file.write_text(baseline.write(found), encoding="utf-8")
            self.stdout.write(f"{file} written: {_sum(found)}")
        elif options["check"]:
            self._check(found, file=file, options=options)
        else:
            shown = [one for one in found if one.route.startswith(options["path"])]
            self.stdout.write(_as_json(shown) if options["format"] == "json" else "\n".join(_lines(shown)))

    def _check(self, found: list[Covered], *, file: Path, options: dict[str, Any]) -> None:
        try:
            known = baseline.read(file)
        except FileNotFoundError:
            raise CommandError(
                f"There is no baseline {file}. Look at what `oauth_routes` prints, then accept it: "
                "manage.py oauth_routes --write-baseline, and commit the file."
            ) from None
        except baseline.Unreadable as error:
            raise CommandError(str(error)) from error
        compared = baseline.compare(found, known)
        if options["format"] == "json":
            self.stdout.write(_comparison_as_json(compared))
        else:
            self.stdout.write("\n".join(_comparison(compared, found)))
        is_outdated = bool(compared.new or compared.stale)
        if compared.worse or (options["strict"] and is_outdated):
            sys.exit(1)


def beside_manage_py() -> Path:
    """The folder of manage.py; where it was not what started us, BASE_DIR or the current folder."""
    started = Path(sys.argv[0])
    if started.name == "manage.py":
        return started.parent
    return Path(getattr(settings, "BASE_DIR", "."))


def _lines(found: list[Covered]) -> Iterator[str]:
    rows = [("METHODS", "ROUTE", "AN APP NEEDS", "VIEW", "WHERE")]
    for (route, view, written, place), group in groupby(
        found, key=lambda one: (one.route, one.view, one.written, str(one.place))
    ):
        rows.append((",".join(one.method for one in group), route, written, view, place))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    yield _sum(found)
    for one in found:
        if one.is_gap:
            yield f"{one.place}: {one.method} {one.route}: {one.written}: {one.verdict.why}"
    yield from _unknown(found)


def _sum(found: Iterable[Covered]) -> str:
    counted: dict[str, int] = {}
    for one in found:
        counted[one.outcome.value] = counted.get(one.outcome.value, 0) + 1
    told = ", ".join(f"{name} {number}" for name, number in counted.items())
    return f"{sum(counted.values())} methods of routes: {told or 'none'}."


def _unknown(found: list[Covered]) -> Iterator[str]:
    known = scopes.registered()
    for one in found:
        for name in dict.fromkeys(name for way in one.verdict.ways for name in way.scopes if name not in known):
            yield f"{one.place}: {one.method} {one.route}: no app can have {name!r}: the site has no such scope."


def _as_json(found: list[Covered]) -> str:
    return json.dumps([_entry(one) for one in found], indent=2, ensure_ascii=False)


def _entry(one: Covered) -> dict[str, object]:
    return {
        "method": one.method,
        "route": one.route,
        "view": one.view,
        "outcome": one.outcome.value,
        "ways": [{"scopes": list(way.scopes), "conditions": list(way.conditions)} for way in one.verdict.ways],
        "why": one.verdict.why,
        "file": one.place.file,
        "line": one.place.line,
    }


def _comparison(compared: Comparison, found: list[Covered]) -> Iterator[str]:
    yield from map(str, compared.worse)
    if compared.new:
        yield f"{len(compared.new)} covered and not in the baseline yet (a scope they lose later goes unnoticed):"
        yield from (f"{_GAP}{one.key}: {one.written}" for one in compared.new)
    if compared.stale:
        yield "The baseline is out of date:"
        yield from (f"{_GAP}{sentence}" for sentence in compared.stale)
    if compared.new or compared.stale:
        yield "Bring it up to date: manage.py oauth_routes --write-baseline"
    if compared.worse:
        yield f"{len(compared.worse)} worse than the baseline."
    else:
        yield f"No route is worse than the baseline. {_sum(found)}"


def _comparison_as_json(compared: Comparison) -> str:
    return json.dumps(
        {
            "worse": [{**_entry(one.covered), "sentence": one.sentence, "fix": one.fix} for one in compared.worse],
            "new": [_entry(one) for one in compared.new],
            "stale": list(compared.stale),
        },
        indent=2,
        ensure_ascii=False,
    )
