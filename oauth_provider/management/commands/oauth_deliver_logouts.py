"""`oauth_deliver_logouts`: tell apps of sign-outs that could not be delivered at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from oauth_provider.models import LogoutDelivery
from oauth_provider.sessions import backchannel


class Command(BaseCommand):
    help = (
        "Deliver the back-channel logouts that are due, in batches until none is left. For cron, every minute, where "
        "no task worker does it; safe to run twice at once. Exits with 1 when one was given up."
    )
    # A cron job must deliver although a setting is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many are due; deliver nothing")

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        if dry_run:
            self.stdout.write(f"{LogoutDelivery.objects.due().count()} due")
            return
        total = backchannel.Report()
        while (report := backchannel.deliver_due()).tried:
            total += report
        self.stdout.write(str(total))
        if total.given_up:
            raise SystemExit(1)
