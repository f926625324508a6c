"""What is done to a client as a whole: suspend, archive, approve and their ways back; 409 in any other state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.addresses import locked_client_at
from oauth_provider.api.client_values import ClientValues
from oauth_provider.api.clients import answer_with
from oauth_provider.api.fields import Arguments, Nothing, Text, Texts
from oauth_provider.api.openapi import described
from oauth_provider.api.problems import Conflict
from oauth_provider.api.view import ManagementView
from oauth_provider.clients import approval, status
from oauth_provider.values import ClientStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

    from oauth_provider.models import Client

_WHY_LENGTH = 500


class ScopesArguments(Arguments):
    """The scopes asked for, or given: all there will be."""

    scopes = Texts(longest=255)


class WhyArguments(Arguments):
    """What the owners are told."""

    why = Text(max_length=_WHY_LENGTH)


class ClientAction(ManagementView):
    """One thing done to a client that is in one of the states `expected`."""

    tag = "clients"
    arguments: ClassVar[type[Arguments]] = Nothing
    expected: ClassVar[frozenset[ClientStatus]] = frozenset(ClientStatus)

    def perform(self, client_id: str, room: Callable[..., object]) -> Response:
        """Call the room for the client, kept as it is meanwhile, and answer with the client afterwards."""
        wanted, caller = self.read(self.arguments), self.caller
        with transaction.atomic():
            row = locked_client_at(client_id)
            if row.status not in self.expected:
                raise Conflict(_("The client is %s.") % row.get_status_display(), f"client_is_{row.status}")
            self.check(row, wanted)
            room(row, actor=caller.actor, source=caller.source, **wanted)
        return answer_with(self, row)

    def check(self, client: Client, wanted: dict[str, Any]) -> None:
        """Raise Forbidden for what only this caller may not do."""


class Suspend(ClientAction):
    """Only an active client: a draft would come back approved."""

    rights = {"POST": rights.SUSPEND_CLIENT}
    expected = frozenset({ClientStatus.ACTIVE})

    @described(operation_id="suspend_client", request=None, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Refuse the client and each of its tokens, from now on."""
        return self.perform(client_id, status.suspend)


class Reactivate(ClientAction):
    """The way back from Suspend."""

    rights = {"POST": rights.SUSPEND_CLIENT}
    expected = frozenset({ClientStatus.SUSPENDED})

    @described(operation_id="reactivate_client", request=None, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Let a suspended client work again, with its tokens that have not expired."""
        return self.perform(client_id, status.reactivate)


class Archive(ClientAction):
    """From any other state."""

    rights = {"POST": rights.SUSPEND_CLIENT}
    expected = frozenset(ClientStatus) - {ClientStatus.ARCHIVED}

    @described(operation_id="archive_client", request=None, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Put the client away: refused everywhere, its tokens ended, its history kept."""
        return self.perform(client_id, status.archive)


class Restore(ClientAction):
    """The way back from Archive."""

    rights = {"POST": rights.RESTORE_CLIENT}
    expected = frozenset({ClientStatus.ARCHIVED})

    @described(operation_id="restore_client", request=None, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Take the client out of the archive; it stays suspended until it is reactivated."""
        return self.perform(client_id, status.restore)


class RevokeAccess(ClientAction):
    """In any state."""

    rights = {"POST": rights.REVOKE_GRANT}

    @described(operation_id="revoke_client_access", request=None, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """End every token the client has; unless suspended it may get new ones."""
        return self.perform(client_id, status.end_tokens)


class Submit(ClientAction):
    """Gives nothing: somebody decides about it."""

    rights = {"POST": rights.CHANGE_CLIENT}
    expected = frozenset({ClientStatus.DRAFT})
    arguments = ScopesArguments

    @described(operation_id="submit_client", request=ScopesArguments, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Ask for approval of a draft with these scopes."""
        return self.perform(client_id, approval.submit)


class Approve(ClientAction):
    """Only with scopes that the caller could give itself."""

    rights = {"POST": rights.APPROVE_CLIENT}
    expected = frozenset({ClientStatus.DRAFT, ClientStatus.SUBMITTED})
    arguments = ScopesArguments

    @described(operation_id="approve_client", request=ScopesArguments, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Let people use it, with these scopes at most."""
        return self.perform(client_id, approval.approve)

    def check(self, client: Client, wanted: dict[str, Any]) -> None:
        self.caller.check_may_give(wanted["scopes"], profile=client.profile)


class SendBack(ClientAction):
    """The other answer to Submit."""

    rights = {"POST": rights.APPROVE_CLIENT}
    expected = frozenset({ClientStatus.SUBMITTED})
    arguments = WhyArguments

    @described(operation_id="send_back_client", request=WhyArguments, responses={200: ClientValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Make a submitted client a draft again and tell its owners why."""
        return self.perform(client_id, approval.send_back)
