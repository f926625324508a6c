"""`oauth_revoke`: end the tokens of a person, a client, one grant, or one token."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider import credentials
from oauth_provider.clients import status
from oauth_provider.models import Client, Grant, RefreshToken, dot_token
from oauth_provider.tokens import lookup, revoke
from oauth_provider.transfer import dot
from oauth_provider.values import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_ACTOR = "oauth_revoke"
_REASON = "command"


class Command(BaseCommand):
    help = "End tokens at once: everything of a user or a client, one grant with its tokens, or one token."
    # Ending tokens must work while a setting is wrong.
    requires_system_checks = []
    # As Django's createsuperuser: a caller in Python may hand its own standard input over.
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--user", metavar="NAME", help="every grant of this user (the name they sign in with)")
        what.add_argument("--client", metavar="ID", help="every token of this client_id; it may get new ones")
        what.add_argument("--grant", metavar="UUID", help="one grant with its whole family of tokens")
        what.add_argument(
            "--token",
            metavar="-",
            help="one token, read from standard input so that it stands in no process list",
        )

    def handle(
        self, *, user: str | None, client: str | None, grant: str | None, token: str | None, **options: Any
    ) -> None:
        if user is not None:
            self._user(_find_user(user))
        elif client is not None:
            self._client(client)
        elif grant is not None:
            self._grant(grant)
        elif token != "-":
            raise CommandError("A token on the command line is readable for others: use --token - and standard input.")
        else:
            self._token((options.get("stdin") or sys.stdin).read().strip())

    def _user(self, user: AbstractBaseUser) -> None:
        ended = revoke.revoke_user(user, reason=_REASON, actor=_ACTOR)
        of_dot = dot.end_tokens_of(user)
        more = f", and {of_dot} tokens of django-oauth-toolkit" if of_dot else ""
        self.stdout.write(f"{ended} grants of {user.get_username()} ended{more}")

    def _client(self, client_id: str) -> None:
        client = Client.objects.named(client_id)
        if client is None:
            raise CommandError(f"There is no client with the client_id {client_id!r}.")
        status.end_tokens(client, actor=_ACTOR)
        self.stdout.write(f"every token issued to {client_id} until now is refused")

    def _grant(self, given: str) -> None:
        try:
            grant = Grant.objects.select_related("client", "user").filter(pk=UUID(given)).first()
        except ValueError:
            raise CommandError(f"{given!r} is not a grant id: a UUID is meant, as in the audit events.") from None
        if grant is None:
            raise CommandError(f"There is no grant {given}.")
        ended = revoke.end_place(grant, reason=_REASON, actor=_ACTOR)
        self.stdout.write(f"{given} ended" if ended else f"{given} had ended before")

    def _token(self, value: str) -> None:
        if not value:
            raise CommandError('Nothing came on standard input: printf %s "$TOKEN" | manage.py oauth_revoke --token -')
        if _revoke_refresh_token(value):
            self.stdout.write("the refresh token and every token of its grant are ended")
            return
        try:
            found = lookup.find_access_token(value)
        except lookup.TokenNotLive as error:
            raise CommandError(f"This token is not live ({error.reason}): {error}.") from None
        revoke.revoke_access_token(found, client=found.client, source=Source())
        self.stdout.write("the access token is ended")


def _find_user(name: str) -> AbstractBaseUser:
    manager = get_user_model()._default_manager
    user = manager.filter(**{get_user_model().USERNAME_FIELD: name}).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.")
    return user


def _revoke_refresh_token(value: str) -> bool:
    """Whether the value was a refresh token, ours or django-oauth-toolkit's; its family is ended then."""
    if credentials.is_ours(value):
        row = (
            RefreshToken.objects.select_related("grant", "grant__client", "grant__user")
            .filter(digest=credentials.digest(value))
            .first()
        )
        if row is not None:
            revoke.end_place(row.grant, reason=_REASON, actor=_ACTOR)
        return row is not None
    found = dot_token.find_refresh_token(value)
    if found is not None:
        dot_token.spend_refresh_token(found)
    return found is not None
