"""`oauth_suspend_client`: refuse a client and all its tokens at once, and say in numbers what that ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.clients import impact, status
from oauth_provider.management import arguments
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth_provider.clients.impact import Impact
    from oauth_provider.models import Client

_ACTOR = "oauth_suspend_client"


class Command(BaseCommand):
    help = (
        "Refuse a client at every endpoint, and each token it has at every check, from now on (within a second "
        "where another process has just met it). Nothing is deleted: --reactivate lets what has not expired work "
        "again."
    )
    # It must work while a setting is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client_id", metavar="CLIENT_ID")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--reactivate", action="store_true", help="let a suspended client work again")
        what.add_argument("--dry-run", action="store_true", help="only say what would end")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept with the audit event")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *, client_id: str, reactivate: bool, dry_run: bool, reason: str, **options: Any) -> None:
        client = arguments.find_client(client_id)
        found = impact.impact(client)
        if reactivate:
            said = _reactivate(client, reason=reason)
        elif dry_run:
            said = "would be suspended"
        else:
            said = _suspend(client, reason=reason)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(client, found), indent=2))
            return
        self.stdout.write(f"{client.name} ({client.client_id}) {said}")
        for sentence in _sentences(found, again=reactivate):
            self.stdout.write(f"  {sentence}")


def _suspend(client: Client, *, reason: str) -> str:
    if client.status == ClientStatus.ARCHIVED:
        raise CommandError(f"{client.client_id} is in the archive: it is refused already, and its tokens have ended.")
    if client.status == ClientStatus.SUSPENDED:
        return "was suspended already"
    status.suspend(client, reason=reason, actor=_ACTOR)
    return "is suspended"


def _reactivate(client: Client, *, reason: str) -> str:
    if client.status != ClientStatus.SUSPENDED:
        raise CommandError(f"{client.client_id} is {client.status}, not suspended.")
    status.reactivate(client, reason=reason, actor=_ACTOR)
    return "works again"


def _sentences(found: Impact, *, again: bool) -> Iterator[str]:
    verb = "work again" if again else "end"
    yield f"{found.grants} grants of {found.people} people {verb}, {found.devices} of them on devices"
    if found.machine_last_seen is not None:
        yield f"a machine was last here at {arguments.moment(found.machine_last_seen)}"
    if again:
        return
    for audience, until in found.self_verifying:
        yield f"{audience} may go on accepting JWTs it verifies on its own until {arguments.moment(until)}"


def _as_json(client: Client, found: Impact) -> dict[str, object]:
    seen = found.machine_last_seen
    return {
        "client_id": client.client_id,
        "status": client.status,
        "grants": found.grants,
        "people": found.people,
        "devices": found.devices,
        "machine_last_seen": None if seen is None else seen.isoformat(),
        "self_verifying": [
            {"resource": audience, "until": until.isoformat()} for audience, until in found.self_verifying
        ],
    }
