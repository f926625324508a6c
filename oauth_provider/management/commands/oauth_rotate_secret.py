"""`oauth_rotate_secret`: replace a client's secret without an outage, look at its secrets, warn of their end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from oauth_provider.clients import examples, expiry, secrets
from oauth_provider.clients.expiry import Outcome
from oauth_provider.management import arguments
from oauth_provider.models import ClientSecret
from oauth_provider.models.client_secret import STORED_HASH_HINT

if TYPE_CHECKING:
    from oauth_provider.clients.expiry import Due
    from oauth_provider.models import Client

_ACTOR = "oauth_rotate_secret"
_GRACE = "7d"
_SENTENCES = {
    Outcome.TOLD: "told who answers for {name} ({client_id})",
    Outcome.TOLD_BEFORE: "another run tells who answers for {name} ({client_id})",
    Outcome.NOBODY: "nobody to tell: {name} ({client_id}) has no owner with a mail address, SECURITY_CONTACT is empty",
    Outcome.FAILED: "the mail about {name} ({client_id}) could not be sent; the next run tries again",
}


class Command(BaseCommand):
    help = (
        "Give a client a new secret and print it, this once, as lines for a .env file; its older secrets go on "
        "until the grace is over. With --list, --revoke or --warn: look at secrets, end one, mail the owners of "
        "those that expire in 30, 7 or 1 days."
    )
    # A leaked secret must be replaced while a setting is wrong, and a cron job must warn.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client_id", nargs="?", metavar="CLIENT_ID", help="every mode but --warn needs it")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="hints, ends and last uses; no secret can be shown again")
        what.add_argument("--revoke", metavar="HINT", help="end one secret now: its last four signs, or #NUMBER of it")
        what.add_argument("--warn", action="store_true", help="mail the owners of secrets that expire; run it daily")
        parser.add_argument(
            "--grace",
            type=arguments.duration,
            default=arguments.duration(_GRACE),
            metavar="TIME",
            help=f"how long older secrets go on at most: 7d, 12h, 0 or seconds (default {_GRACE})",
        )
        parser.add_argument("--expires", type=arguments.days, metavar="DAYS", help="the new secret ends in DAYS days")
        parser.add_argument(
            "--yes-the-last-one",
            metavar="NAME",
            help="with --revoke: end the last live secret too; the client's name proves that you mean it",
        )
        parser.add_argument("--dry-run", action="store_true", help="with --warn: say whom it is about; send nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON value instead")

    def handle(self, *, client_id: str | None, **options: Any) -> None:
        if options["warn"]:
            if client_id is not None:
                raise CommandError("--warn looks at every client; leave CLIENT_ID out.")
            return self._warn(is_dry=options["dry_run"], as_json=options["json"])
        if client_id is None:
            raise CommandError("Name the client: oauth_rotate_secret CLIENT_ID.")
        client = arguments.find_client(client_id)
        if options["list"]:
            return self._list(client, as_json=options["json"])
        if options["revoke"] is not None:
            return self._revoke(client, options["revoke"], name=options["yes_the_last_one"], as_json=options["json"])
        return self._rotate(client, grace=options["grace"], days=options["expires"], as_json=options["json"])

    def _rotate(self, client: Client, *, grace: int, days: int | None, as_json: bool) -> None:
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        try:
            row, value = secrets.rotate(client, grace=grace, expires_at=expires_at, actor=_ACTOR)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        older = [one for one in _all_of(client) if one.pk != row.pk and _state(one) == "live"]
        if as_json:
            answer = {"client_id": client.client_id, "client_secret": value, **_described(row),
                      "older": [_described(one) for one in older]}  # fmt: skip
            self.stdout.write(json.dumps(answer, indent=2))
            return
        self.stdout.write(examples.env_lines(client, value))
        self.stdout.write(f"# expires: {arguments.moment(row.expires_at)}")
        for one in older:
            self.stdout.write(f"# the older secret …{one.hint} ends at {arguments.moment(one.expires_at)}")

    def _list(self, client: Client, *, as_json: bool) -> None:
        rows = _all_of(client)
        if as_json:
            self.stdout.write(json.dumps([_described(row) for row in rows], indent=2))
            return
        for row in rows:
            source = f" from {row.last_used_address}" if row.last_used_address else ""
            self.stdout.write(
                f"#{row.pk}  …{row.hint}  {_state(row)}, created {arguments.moment(row.created_at)}, "
                f"expires {arguments.moment(row.expires_at)}, last used {arguments.moment(row.last_used_at)}{source}"
            )
        if ClientSecret.objects.has_hidden_hash(client):
            self.stdout.write(
                f"…{STORED_HASH_HINT}  the secret that django-oauth-toolkit hashed counts too; it was not sent yet"
            )
        elif not rows:
            self.stdout.write("no secret")

    def _revoke(self, client: Client, mark: str, *, name: str | None, as_json: bool) -> None:
        found = secrets.named(client, mark.removeprefix("…"))
        if len(found) != 1:
            known = ", ".join(f"#{row.pk} …{row.hint}" for row in found or _all_of(client) if row.revoked_at is None)
            why = "There is no secret" if not found else "There are several secrets"
            raise CommandError(f"{why} {mark!r}. Name one of: {known or 'none'}")
        (row,) = found
        try:
            secrets.retire(row, actor=_ACTOR)
        except ValidationError as error:
            if name != client.name:
                raise CommandError(
                    f"{' '.join(error.messages)} Without it the client is refused. Add one first (oauth_rotate_secret "
                    f"{client.client_id}), or type the name of the client: --yes-the-last-one NAME"
                ) from None
            secrets.revoke(row, actor=_ACTOR)
        self.stdout.write(
            json.dumps(_described(row), indent=2) if as_json else f"…{row.hint} is revoked: it is refused from now on"
        )

    def _warn(self, *, is_dry: bool, as_json: bool) -> None:
        outcomes = [(one, None if is_dry else expiry.warn(one)) for one in expiry.due()]
        if as_json:
            self.stdout.write(json.dumps([_told(one, outcome) for one, outcome in outcomes], indent=2))
        else:
            for one, outcome in outcomes:
                client = one.secret.client
                what = f"the secret …{one.secret.hint} ends at {arguments.moment(one.secret.expires_at)}"
                said = "would tell who answers for {name} ({client_id})" if outcome is None else _SENTENCES[outcome]
                self.stdout.write(f"{said.format(name=client.name, client_id=client.client_id)}: {what}")
        if any(outcome == Outcome.FAILED for _one, outcome in outcomes):
            raise CommandError("Not every mail could be sent; the log says why.")


def _all_of(client: Client) -> list[ClientSecret]:
    return list(ClientSecret.objects.filter(client=client).order_by("-created_at", "-pk"))


def _state(row: ClientSecret) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= timezone.now() else "live"


def _described(row: ClientSecret) -> dict[str, object]:
    times = {name: getattr(row, name) for name in ("created_at", "expires_at", "last_used_at", "revoked_at")}
    return {
        "number": row.pk,
        "hint": row.hint,
        "state": _state(row),
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
        "last_used_address": row.last_used_address,
    }


def _told(one: Due, outcome: Outcome | None) -> dict[str, object]:
    return {
        "client_id": one.secret.client.client_id,
        "hint": one.secret.hint,
        "expires_at": None if one.secret.expires_at is None else one.secret.expires_at.isoformat(),
        "days": one.days,
        "another_secret_outlives_it": one.is_replaced,
        "outcome": "would_tell" if outcome is None else outcome.value,
    }
