"""Secrets of a client: listed without their value, added beside the old one, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.addresses import client_at, locked_client_at
from oauth_provider.api.fields import Arguments, Flag, Moment, SoonMoment, Values
from oauth_provider.api.openapi import described
from oauth_provider.api.pagination import NewestFirst
from oauth_provider.api.problems import Conflict
from oauth_provider.api.view import ManagementView
from oauth_provider.clients import secrets
from oauth_provider.models import ClientSecret

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

STATES = [("live", "live"), ("expired", "expired"), ("revoked", "revoked")]


class SecretValues(Values):
    """A secret: its last four signs, by which a person recognises it, and when and from where it was used."""

    id = serializers.IntegerField()
    hint = serializers.CharField()
    state = serializers.SerializerMethodField()
    imported = serializers.BooleanField()
    created_at = Moment()
    expires_at = Moment(allow_null=True)
    last_used_at = Moment(allow_null=True)
    last_used_address = serializers.CharField()
    revoked_at = Moment(allow_null=True)

    def get_state(self, row: ClientSecret) -> str:
        if row.revoked_at is not None:
            return "revoked"
        is_over = row.expires_at is not None and row.expires_at <= timezone.now()
        return "expired" if is_over else "live"


class AddedSecretValues(SecretValues):
    """A secret that has just been added. Its value is in this answer and in no other."""

    client_secret = serializers.SerializerMethodField()

    def get_client_secret(self, row: ClientSecret) -> str:
        del row
        return str(self.context["client_secret"])


class SecretArguments(Arguments):
    """A new secret; without `expires_at` it does not expire."""

    expires_at = SoonMoment(required=False, allow_null=True)


class RevocationArguments(Arguments):
    """The only working secret ends only for a caller that says so: the client cannot authenticate afterwards."""

    even_if_last = Flag(required=False, default=False)


class Secrets(ManagementView):
    """Secrets of a client, the newest first."""

    rights = {"GET": rights.SEE_CLIENTS, "POST": rights.ROTATE_SECRET}
    tag = "secrets"
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[ClientSecret]:
        return ClientSecret.objects.all()

    @described(operation_id="list_secrets", responses=SecretValues(many=True))
    def get(self, request: Request, client_id: str) -> Response:
        """List secrets, without their values."""
        return self.page(self.get_queryset().filter(client=client_at(client_id)), SecretValues)

    @described(operation_id="add_secret", request=SecretArguments, responses={201: AddedSecretValues})
    def post(self, request: Request, client_id: str) -> Response:
        """Add a secret beside those there are. Its value stands in this answer and in no other."""
        wanted, caller = self.read(SecretArguments), self.caller
        with transaction.atomic():
            row = locked_client_at(client_id)
            caller.check_may_manage(row)
            if row.is_public:
                raise Conflict(_("A public client has no secret."), "public_client")
            made, value = secrets.add(
                row, expires_at=wanted.get("expires_at"), actor=caller.actor, source=caller.source
            )
        context: dict[str, Any] = {**self.get_serializer_context(), "client_secret": value}
        return Response(AddedSecretValues(made, context=context).data, status=201)


class RevokeSecret(ManagementView):
    """One secret ended."""

    rights = {"POST": rights.ROTATE_SECRET}
    tag = "secrets"

    @described(operation_id="revoke_secret", request=RevocationArguments, responses={200: SecretValues})
    def post(self, request: Request, client_id: str, secret: str) -> Response:
        """End a secret now. One that has ended stays as it is."""
        wanted, caller = self.read(RevocationArguments), self.caller
        with transaction.atomic():
            owner = locked_client_at(client_id)
            row = (
                ClientSecret.objects.filter(client=owner, pk=int(secret)).select_related("client__application").first()
            )
            if row is None:
                raise NotFound
            if row.revoked_at is None:
                if _is_last(row) and not wanted["even_if_last"]:
                    raise Conflict(_("It is the only working secret. Add another first."), "last_secret")
                secrets.revoke(row, actor=caller.actor, source=caller.source)
        return Response(SecretValues(row).data)


def _is_last(row: ClientSecret) -> bool:
    live = ClientSecret.objects.live(row.client)
    return live.filter(pk=row.pk).exists() and not live.exclude(pk=row.pk).exists()
