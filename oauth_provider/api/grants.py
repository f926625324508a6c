"""Grants: who let which client do what, until when, and why it ended; revoked with every token of the family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.fields import Moment, Nothing, UserValues, Values
from oauth_provider.api.filters import GrantFilter
from oauth_provider.api.openapi import described
from oauth_provider.api.pagination import NewestFirstByTime
from oauth_provider.api.view import ManagementView
from oauth_provider.models import Grant
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request

REASON = "revoked_by_api"


class GrantValues(Values):
    """A grant: one authorization, and the family of tokens that follows from it. None of them is in it."""

    id = serializers.UUIDField()
    client_id = serializers.CharField(source="client.client_id")
    user = UserValues()
    subject = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    resources = serializers.ListField(child=serializers.CharField())
    targets = serializers.DictField(
        child=serializers.JSONField(),
        help_text='Kind of object → keys, or "*" for all of the person\'s; empty where no scope is about objects.',
    )
    grant_type = serializers.CharField()
    auth_time = Moment(allow_null=True)
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_null=True)
    revoked_at = Moment(allow_null=True)
    revoked_reason = serializers.CharField()


def _shown() -> QuerySet[Grant]:
    # Neither the session nor the nonce is anybody's business here.
    return Grant.objects.select_related("user", "client__application").defer("sid", "nonce")


def _find(grant: UUID) -> Grant:
    row = _shown().filter(pk=grant).first()
    if row is None:
        raise NotFound
    return row


class Grants(ManagementView):
    """Grants, the newest first."""

    rights = {"GET": rights.SEE_GRANTS}
    tag = "grants"
    pagination_class = NewestFirstByTime
    filterset_class = GrantFilter

    def get_queryset(self) -> QuerySet[Grant]:
        return _shown()

    @described(operation_id="list_grants", responses=GrantValues(many=True))
    def get(self, request: Request) -> Response:
        """List grants."""
        return self.page(self.get_queryset(), GrantValues)


class OneGrant(ManagementView):
    """One grant."""

    rights = {"GET": rights.SEE_GRANTS}
    tag = "grants"

    @described(operation_id="get_grant", responses=GrantValues)
    def get(self, request: Request, grant: UUID) -> Response:
        """Read a grant."""
        return Response(GrantValues(_find(grant)).data)


class RevokeGrant(ManagementView):
    """One grant ended."""

    rights = {"POST": rights.REVOKE_GRANT}
    tag = "grants"

    @described(operation_id="revoke_grant", request=None, responses={200: GrantValues})
    def post(self, request: Request, grant: UUID) -> Response:
        """End a grant and every token of its family. One that has ended stays as it is."""
        self.read(Nothing)
        caller, row = self.caller, _find(grant)
        if row.revoked_at is None:
            revoke.end_place(row, reason=REASON, actor=caller.actor, source=caller.source)
        return Response(GrantValues(_find(grant)).data)
