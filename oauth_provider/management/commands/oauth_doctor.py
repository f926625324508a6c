"""`oauth_doctor`: what is wrong with the site, and the fix."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.insight import doctor
from oauth_provider.insight.doctor.diagnosis import Diagnosis, State

if TYPE_CHECKING:
    from collections.abc import Iterable

_GAP = "  "


class Command(BaseCommand):
    help = (
        "Look at settings, keys, cache, databases, clocks, apps that clash and what stands around the provider; "
        "say what is wrong and the fix. Exits with 1 when there is a problem. Changes nothing."
    )
    # It is called when something is wrong; it runs the checks itself.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-client", metavar="URL", help="walk the site at this address from outside, as a client does, instead"
        )
        parser.add_argument(
            "--from-dot", action="store_true", help="look at what moving over from django-oauth-toolkit needs, too"
        )
        parser.add_argument("--format", choices=["text", "json"], default="text", help="(default: text)")
        parser.add_argument("--strict", action="store_true", help="exit with 1 for a warning, too")

    def handle(self, **options: Any) -> None:
        address = options["as_client"]
        if address is not None and not _is_address(address):
            raise CommandError(f"--as-client needs an http or https address without query, not {address!r}.")
        if address is not None and options["from_dot"]:
            raise CommandError("--from-dot looks from inside, --as-client from outside: use one.")
        found = doctor.examine(dot=options["from_dot"]) if address is None else doctor.examine_as_client(address)
        told = list(self._as_json(found) if options["format"] == "json" else self._told(found))
        counted = Counter(diagnosis.state for diagnosis in told)
        if counted[State.PROBLEM] or (options["strict"] and counted[State.WARNING]):
            sys.exit(1)

    def _as_json(self, found: Iterable[Diagnosis]) -> list[Diagnosis]:
        told = list(found)
        self.stdout.write(json.dumps([asdict(diagnosis) for diagnosis in told], indent=2, ensure_ascii=False))
        return told

    def _told(self, found: Iterable[Diagnosis]) -> list[Diagnosis]:
        """Each group as soon as it has been looked at."""
        told: list[Diagnosis] = []
        for name, group in groupby(found, key=lambda diagnosis: diagnosis.group):
            self.stdout.write(f"{name}")
            for diagnosis in group:
                self.stdout.write("\n".join(_lines(diagnosis)))
                told.append(diagnosis)
        counted = Counter(diagnosis.state for diagnosis in told)
        self.stdout.write(", ".join(f"{counted[state]} {state.value}" for state in State))
        return told


def _lines(diagnosis: Diagnosis) -> Iterable[str]:
    printable = "".join(sign if sign.isprintable() else "?" for sign in diagnosis.sentence)
    first = f"{_GAP}{diagnosis.state.value:<8}{_GAP}{printable}"
    fix = [f"{_GAP}{'':<8}{_GAP}→ {diagnosis.fix}"] if diagnosis.fix else []
    return chain([first], fix)


def _is_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        return False
