"""`manage.py demo`: the site, the tour against it, then the site to click through."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo_project import provision, server
from demo_project.settings import DEMO_PORT
from demo_project.tour import guide

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Start the demo site, walk the tour against it over HTTP, and leave the site up until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="stop after the tour, non-zero if a step failed")
        parser.add_argument("--no-tour", action="store_true", help="only start the site")
        parser.add_argument("--port", type=int, default=DEMO_PORT, help="port on 127.0.0.1 (default 8000)")

    def handle(self, *, check: bool, no_tour: bool, port: int, **_: Any) -> None:
        if settings.SETTINGS_MODULE != "demo_project.settings":
            raise CommandError("This command belongs to the demo site: run it as `python manage.py demo`.")
        if not server.is_free(port):
            raise CommandError(
                f"Port {port} of 127.0.0.1 is taken by another program. Stop it, or take another port:"
                f" make demo DEMO_ARGS='--port {port + 1}'"
            )
        # Read when used, here and (through the environment) in the site's own process.
        settings.OAUTH_PROVIDER["ISSUER"] = origin = f"http://127.0.0.1:{port}"
        # A supervisor's polite end: the site's process must not outlive this one.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        call_command("migrate", interactive=False, verbosity=0)
        clients = provision.provide()
        try:
            with server.running(port) as process:
                went_well = no_tour or guide.walk(origin, clients=clients)
                if check:
                    if not went_well:
                        raise CommandError("The tour failed.")
                    return
                self._invite(port)
                process.wait()
        except server.SiteFailed as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nBye.")
            return
        raise CommandError(f"The site ended by itself with status {process.returncode}.")

    def _invite(self, port: int) -> None:
        self.stdout.write(f"\nThe site stays up: http://127.0.0.1:{port}/  (demo/demo, admin/admin). Ctrl-C ends it.")
        self.stdout.flush()
