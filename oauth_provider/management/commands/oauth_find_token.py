"""`oauth_find_token`: what a token, secret or code found somewhere is, read from standard input."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.insight.find_token import look_up
from oauth_provider.insight.found import Found
from oauth_provider.insight.pasted import MOST_CHARACTERS

_ACTOR = "oauth_find_token"
_NO_ARGUMENT = "A token on the command line is readable for others: use standard input."


class Command(BaseCommand):
    help = (
        "Say what a token, secret or code is that was found somewhere: kind, client, user, scopes, state. It is read "
        "from standard input, so that it stands in no process list, and kept nowhere. Exit code 1 when it is none."
    )
    # Somebody with a leaked token in hand must get an answer while a setting is wrong.
    requires_system_checks = []
    # As Django's createsuperuser: a caller in Python may hand its own standard input over.
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        # Taken, so that the parser does not print what it cannot place.
        parser.add_argument(
            "value", nargs="*", metavar="-", help="the only value: read from standard input, as without it"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, value: list[str], json: bool, **options: Any) -> None:
        if value not in ([], ["-"]):
            raise CommandError(_NO_ARGUMENT, returncode=2)
        text = (options.get("stdin") or sys.stdin).read(MOST_CHARACTERS + 1)
        found = look_up(text, actor=_ACTOR)
        if json:
            self.stdout.write(_as_json(found.as_dict()))
        if not isinstance(found, Found):
            raise CommandError(found.reason, returncode=1)
        if not json:
            for name, told in found.as_dict().items():
                if name != "found" and told not in (None, "", []):
                    self.stdout.write(f"{name}: {' '.join(told) if isinstance(told, list) else told}")


def _as_json(members: dict[str, object]) -> str:
    return json.dumps(members)
