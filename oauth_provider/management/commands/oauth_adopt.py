"""`oauth_adopt`: make the missing Clients of django-oauth-toolkit's Applications."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.transfer import dot

_ACTOR = "oauth_adopt"


class Command(BaseCommand):
    help = (
        "Take over Applications of django-oauth-toolkit that have no Client yet: each may do afterwards "
        "what it could do before. Those that were there at the first migrate have been taken over already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--client-id", metavar="ID", help="the client_id of one Application")
        which.add_argument("--all", action="store_true", help="every Application without a Client")

    def handle(self, *, client_id: str | None, **_: Any) -> None:
        try:
            if client_id is not None:
                self._adopt(client_id)
            else:
                self.stdout.write(f"{sum(dot.adopt_all(actor=_ACTOR))} adopted")
        except ImproperlyConfigured as error:
            raise CommandError(f"django-oauth-toolkit's settings cannot be read: {error}") from error

    def _adopt(self, client_id: str) -> None:
        try:
            made = dot.adopt(client_id, actor=_ACTOR)
        except ObjectDoesNotExist:
            raise CommandError(f"There is no Application with the client_id {client_id!r}.") from None
        self.stdout.write(f"{client_id} adopted" if made else f"{client_id} has a Client already; nothing changed")
