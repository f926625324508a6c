"""`manage.py demo`: two sites, the tour against them, then both to click through."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo_project import provision, server
from demo_project.clients.credentials import to_environment
from demo_project.settings import DEMO_PORT
from demo_project.tour import guide

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Start the provider and its apps, walk the tour against them over HTTP, and leave them up until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="stop after the tour, non-zero if a step failed")
        parser.add_argument("--no-tour", action="store_true", help="only start the sites")
        parser.add_argument("--port", type=int, default=DEMO_PORT, help="the provider's port (default 8000)")
        parser.add_argument(
            "--apps-port",
            type=int,
            default=int(os.environ.get("DEMO_APPS_PORT", "0")),
            help="the apps' port (default: the next one, or any that is free)",
        )

    def handle(self, *, check: bool, no_tour: bool, port: int, apps_port: int, **_: Any) -> None:
        if settings.SETTINGS_MODULE != "demo_project.settings":
            raise CommandError("This command belongs to the demo site: run it as `python manage.py demo`.")
        self._check_free(port, other=f"--port {port + 1}")
        if apps_port:
            self._check_free(apps_port, other=f"--apps-port {apps_port + 1}")
        else:
            apps_port = port + 1 if server.is_free(port + 1) else server.any_free()
        # Read when used, here and (through the environment) in the sites' own processes.
        settings.OAUTH_PROVIDER["ISSUER"] = origin = f"http://127.0.0.1:{port}"
        settings.OAUTH_PROVIDER["MCP"] = {"resource": f"{origin}/mcp"}
        apps_origin = f"http://127.0.0.1:{apps_port}"
        # A supervisor's polite end: the sites' processes must not outlive this one.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        call_command("migrate", interactive=False, verbosity=0)
        clients = provision.provide(apps_origin=apps_origin)
        ports = {"DEMO_PORT": str(port), "DEMO_APPS_PORT": str(apps_port)}
        with_clients = {**ports, **to_environment(clients)}
        try:
            with (
                server.running(
                    port,
                    settings="demo_project.settings",
                    environment=ports,
                    asgi="demo_project.asgi:application",
                ) as provider,
                server.running(apps_port, settings="demo_project.clients.settings", environment=with_clients) as apps,
            ):
                went_well = no_tour or guide.walk(origin, apps_origin=apps_origin, clients=clients)
                if check:
                    if not went_well:
                        raise CommandError("The tour failed.")
                    return
                self._invite(origin, apps_origin)
                status = server.wait_for_the_first_end(provider, apps)
        except server.SiteFailed as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nBye.")
            return
        raise CommandError(f"A site ended by itself with status {status}.")

    def _check_free(self, port: int, *, other: str) -> None:
        if not server.is_free(port):
            raise CommandError(
                f"Port {port} of 127.0.0.1 is taken by another program. Stop it, or take another port:"
                f" make demo DEMO_ARGS='{other}'"
            )

    def _invite(self, origin: str, apps_origin: str) -> None:
        self.stdout.write(
            f"\nBoth sites stay up. Begin here: {origin}/\n\n"
            f"  {origin}/               the provider and its API: demo/demo, guest/guest\n"
            f"  {origin}/admin/         its admin: admin/admin\n"
            f"  {origin}/api/docs/      the API in Swagger UI\n"
            f"  {origin}/mcp            its notes for agents: an MCP server (docs/demo.md)\n"
            f"  {apps_origin}/web/           an app with a server of its own\n"
            f"  {apps_origin}/browser/       an app that is a page in your browser\n"
            f"  {apps_origin}/tv/            a TV without a keyboard\n"
            f"  {apps_origin}/machine/       a nightly job\n\n"
            "Ctrl-C ends both."
        )
        self.stdout.flush()
