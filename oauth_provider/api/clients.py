"""Clients: listed, registered, read, changed, deleted once archived; by the rooms that the admin calls too."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.addresses import address_of, client_at, locked_client_at
from oauth_provider.api.client_values import (
    ClientArguments,
    ClientValues,
    RegisteredValues,
    RegistrationArguments,
    shown,
)
from oauth_provider.api.fields import Arguments, Text, Values
from oauth_provider.api.filters import ClientFilter
from oauth_provider.api.openapi import IDEMPOTENCY_KEY, described
from oauth_provider.api.pagination import Numbered
from oauth_provider.api.problems import Conflict
from oauth_provider.api.view import ManagementView
from oauth_provider.clients import change, modern, redirect_uris, registration, sectors, status
from oauth_provider.clients.profiles import rules_of
from oauth_provider.models import Client
from oauth_provider.values import ClientStatus, RegistrationSource

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

_CLIENT_ID_DIGITS = 24
_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_REGISTER = ("name", "profile", "redirect_uris", "scopes", "default_scopes", "auth_method", "origins",
             "resources", "resource_server_for", "owners")  # fmt: skip


class Clients(ManagementView):
    """Clients, the newest first."""

    rights = {"GET": rights.SEE_CLIENTS, "POST": rights.ADD_CLIENT}
    tag = "clients"
    pagination_class = Numbered
    filterset_class = ClientFilter

    def get_queryset(self) -> QuerySet[Client]:
        return shown().order_by("-pk")

    @described(operation_id="list_clients", responses=ClientValues(many=True))
    def get(self, request: Request) -> Response:
        """List clients."""
        return self.page(self.get_queryset(), ClientValues)

    @described(
        operation_id="register_client",
        parameters=[IDEMPOTENCY_KEY],
        request=RegistrationArguments,
        responses={201: RegisteredValues},
    )
    def post(self, request: Request) -> Response:
        """Register a client. Its secret stands in this answer and in no other."""
        client_id = self._client_id_of_key()
        wanted = self.read(RegistrationArguments)
        caller = self.caller
        is_draft = wanted.pop("draft")
        if not is_draft:
            caller.check_may(rights.APPROVE_CLIENT)
        caller.check_may_give(wanted.get("scopes", ()), profile=wanted["profile"])
        _refuse_repeat(client_id)
        if "owners" not in wanted and caller.person is not None:
            wanted["owners"] = [caller.person]
        try:
            client, secret = registration.register(
                **{name: wanted.pop(name) for name in _REGISTER if name in wanted},
                settings=wanted,
                status=ClientStatus.DRAFT if is_draft else ClientStatus.ACTIVE,
                client_id=client_id,
                source=RegistrationSource.API,
                actor=caller.actor,
                request_source=caller.source,
            )
        except IntegrityError:
            # The same key twice at the same moment: the unique client id lets one of them through.
            _refuse_repeat(client_id)
            raise
        context = {**self.get_serializer_context(), "client_secret": secret}
        made = RegisteredValues(shown().get(pk=client.pk), context=context)
        return Response(made.data, status=201, headers={"Location": address_of(client)})

    def _client_id_of_key(self) -> str | None:
        """The id that follows from Idempotency-Key: of one caller, so that nobody finds another's client by it."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise ValidationError({"Idempotency-Key": [_("One to 255 visible ASCII signs.")]})
        digest = hashlib.sha256(f"oauth_provider/api/client\x00{self.caller.key}\x00{key}".encode()).hexdigest()
        return f"c_{digest[:_CLIENT_ID_DIGITS]}"


def _refuse_repeat(client_id: str | None) -> None:
    if client_id is not None and Client.objects.named(client_id) is not None:
        raise Conflict(
            _("This key has registered a client already. Its secret is not shown again."),
            "registered_already",
            client_id=client_id,
        )


class OneClient(ManagementView):
    """One client."""

    rights = {"GET": rights.SEE_CLIENTS, "PATCH": rights.CHANGE_CLIENT, "DELETE": rights.DELETE_CLIENT}
    tag = "clients"

    @described(operation_id="get_client", responses=ClientValues)
    def get(self, request: Request, client_id: str) -> Response:
        """Read a client."""
        return answer_with(self, client_at(client_id))

    @described(operation_id="change_client", request=ClientArguments, responses=ClientValues)
    def patch(self, request: Request, client_id: str) -> Response:
        """Change what is named, and nothing else. A list replaces the list there was."""
        wanted, caller = self.read(ClientArguments, partial=True), self.caller
        sectors.read_ahead(wanted.get(sectors.URI))
        with transaction.atomic():
            row = locked_client_at(client_id)
            caller.check_may_manage(row)
            added = set(wanted.get("scopes", ())) - set(row.allowed_scopes)
            caller.check_may_give(added, profile=row.profile)
            change.change(row, actor=caller.actor, source=caller.source, **wanted)
        return answer_with(self, row)

    @described(operation_id="delete_client", request=None, responses={204: None})
    def delete(self, request: Request, client_id: str) -> Response:
        """Delete an archived client with everything issued to it; its events stay."""
        caller = self.caller
        with transaction.atomic():
            row = locked_client_at(client_id)
            if row.status != ClientStatus.ARCHIVED:
                raise Conflict(_("Only an archived client can be deleted."), "not_archived")
            status.delete(row, actor=caller.actor, source=caller.source)
        return Response(status=204)


def answer_with(view: ManagementView, client: Client) -> Response:
    """The client as it is now."""
    return Response(ClientValues(shown().get(pk=client.pk), context=view.get_serializer_context()).data)


class ImpliedValues(Values):
    """One thing that the profile decides: what the client has, and what the profile has."""

    name = serializers.CharField()
    title = serializers.CharField()
    value = serializers.CharField()
    profile_value = serializers.CharField()
    deviates = serializers.BooleanField()


class ProfileValues(Values):
    """What the client's profile implies, where the client deviates, and where it could move to."""

    profile = serializers.CharField()
    implied = ImpliedValues(many=True)
    deviations = serializers.ListField(child=serializers.CharField())
    targets = serializers.ListField(child=serializers.CharField())


class ClientProfile(ManagementView):
    """The profile of a client, explained."""

    rights = {"GET": rights.SEE_CLIENTS}
    tag = "clients"

    @described(operation_id="explain_client_profile", responses=ProfileValues)
    def get(self, request: Request, client_id: str) -> Response:
        """Explain what the profile implies, and where the client deviates."""
        row = client_at(client_id)
        found: dict[str, Any] = {
            "profile": row.profile,
            "implied": modern.compare(row),
            "deviations": modern.deviations(row),
            "targets": modern.target_profiles(row),
        }
        return Response(ProfileValues(found).data)


class RedirectUriArguments(Arguments):
    """A redirect URI as a client would send it."""

    redirect_uri = Text(max_length=redirect_uris.MAX_LENGTH)


class RedirectUriMatch(Values):
    """Whether it would be accepted, and if not, the registrable URI that may be meant."""

    matches = serializers.BooleanField()
    corrected = serializers.CharField(allow_null=True)


class MatchRedirectUri(ManagementView):
    """Whether the client would be sent back to an address."""

    rights = {"POST": rights.SEE_CLIENTS}
    tag = "clients"

    @described(operation_id="match_redirect_uri", request=RedirectUriArguments, responses={200: RedirectUriMatch})
    def post(self, request: Request, client_id: str) -> Response:
        """Tell whether a redirect URI is one of the client's, as the authorization endpoint compares."""
        asked, row = self.read(RedirectUriArguments)["redirect_uri"], client_at(client_id)
        matches = redirect_uris.match(asked, row.redirect_uris)
        corrected = None if matches else redirect_uris.corrected(asked, rules=rules_of(row))
        return Response({"matches": matches, "corrected": corrected})
