"""`oauth_clients`: clients as code. What `clients.toml` says, beside what there is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.management import clients_plan
from oauth_provider.models import Client
from oauth_provider.transfer.declarative import apply, export, plan, reading
from oauth_provider.transfer.declarative.problems import Refused

if TYPE_CHECKING:
    from oauth_provider.transfer.declarative.plan import Plan

_ACTOR = "oauth_clients"
_FILE = "clients.toml"
_ERROR, _DIFFERENCE = 1, 2


class _Difference(SystemExit):
    """Leaves with the exit code that says so."""


class Command(BaseCommand):
    help = (
        "Clients as code: `plan` shows the difference between a file and the database and changes nothing, `apply` "
        "makes it so in one transaction, `export` writes the file. Exit codes of plan: 0 nothing to do, 2 there is a "
        "difference, 1 error (a wrong argument too); of apply and export: 0 done, 1 error and nothing was changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, told in (
            ("plan", "show the difference; reads only"),
            ("apply", "show the difference and make it so, all of it or nothing"),
        ):
            one = actions.add_parser(name, help=told, description=told)
            one.add_argument("file", nargs="?", default=_FILE, metavar="FILE", help=f"default: {_FILE}")
            one.add_argument(
                "--prune", action="store_true", help="archive clients that a file made and this one does not name"
            )
            one.add_argument("--json", action="store_true", help="print one JSON object instead")
        told = "write what there is, without secrets"
        writing = actions.add_parser("export", help=told, description=told)
        writing.add_argument("file", nargs="?", default=_FILE, metavar="FILE", help=f"default: {_FILE}; -: print it")
        writing.add_argument(
            "--client", action="append", default=[], metavar="ID", help="only this client_id; may be repeated"
        )
        writing.add_argument("--overwrite", action="store_true", help="replace the file where there is one")

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
        except _Difference:
            raise
        except SystemExit as leaving:
            # argparse leaves with 2 over a wrong argument, which must not read like "there is a difference".
            if leaving.code == _DIFFERENCE:
                sys.exit(_ERROR)
            raise

    def handle(self, *, action: str, file: str, **options: Any) -> None:
        if action == "export":
            self._export(file, client_ids=options["client"], overwrite=options["overwrite"])
            return
        try:
            found = plan.make(reading.read(Path(file)))
            shown = _as_json(found, **options) if options["json"] else _as_text(found, **options)
            if not options["json"]:
                self.stdout.write(shown)
            if action == "apply":
                apply.apply(found, prune=options["prune"], actor=_ACTOR)
            if options["json"]:
                self.stdout.write(shown)
        except Refused as refused:
            if options["json"]:
                problems = [{"key": one.key, "field": one.field, "message": one.sentence} for one in refused.problems]
                self.stdout.write(json.dumps({"errors": problems}, indent=2, ensure_ascii=False))
            raise CommandError(f"{refused}\nNothing was changed.") from None
        if action == "plan" and found:
            raise _Difference(_DIFFERENCE)

    def _export(self, file: str, *, client_ids: list[str], overwrite: bool) -> None:
        known = set(
            Client.objects.filter(application__client_id__in=client_ids).values_list(
                "application__client_id", flat=True
            )
        )
        unknown = [client_id for client_id in client_ids if client_id not in known]
        if unknown:
            raise CommandError(f"There is no client with the client_id {', '.join(map(repr, unknown))}.")
        if file == "-":
            for part in export.export(client_ids):
                self.stdout.write(part, ending="")
            return
        written = "".join(export.export(client_ids))
        try:
            with Path(file).open("w" if overwrite else "x", encoding="utf-8") as stream:
                stream.write(written)
        except FileExistsError:
            raise CommandError(f"{file} is there already; --overwrite replaces it, - prints instead.") from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from None
        self.stdout.write(f"{file} written")


def _as_text(found: Plan, *, prune: bool, **_: Any) -> str:
    return "\n".join(clients_plan.as_text(found, prune=prune))


def _as_json(found: Plan, *, prune: bool, **_: Any) -> str:
    return json.dumps(clients_plan.as_json(found, prune=prune), indent=2, ensure_ascii=False)
