"""Consents: what people allowed clients; withdrawn with every grant that rests on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.fields import Moment, Nothing, UserValues, Values
from oauth_provider.api.filters import ConsentFilter
from oauth_provider.api.openapi import described
from oauth_provider.api.pagination import NewestFirst
from oauth_provider.api.view import ManagementView
from oauth_provider.models import Consent
from oauth_provider.tokens import revoke

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

REASON = "withdrawn_by_api"


class ConsentValues(Values):
    """A consent; without `remembered_until` the person is asked each time."""

    id = serializers.IntegerField()
    client_id = serializers.CharField(source="client.client_id")
    user = UserValues()
    scopes = serializers.ListField(child=serializers.CharField())
    declined_scopes = serializers.ListField(child=serializers.CharField())
    targets = serializers.DictField(
        child=serializers.JSONField(),
        help_text='Kind of object → keys, or "*" for all of the person\'s; empty where no scope is about objects.',
    )
    remembered_until = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()
    revoked_at = Moment(allow_null=True)


def _shown() -> QuerySet[Consent]:
    return Consent.objects.select_related("user", "client__application")


class Consents(ManagementView):
    """Consents, the newest first."""

    rights = {"GET": rights.SEE_CONSENTS}
    tag = "consents"
    pagination_class = NewestFirst
    filterset_class = ConsentFilter

    def get_queryset(self) -> QuerySet[Consent]:
        return _shown()

    @described(operation_id="list_consents", responses=ConsentValues(many=True))
    def get(self, request: Request) -> Response:
        """List consents."""
        return self.page(self.get_queryset(), ConsentValues)


class WithdrawConsent(ManagementView):
    """One consent withdrawn."""

    rights = {"POST": rights.REVOKE_GRANT}
    tag = "consents"

    @described(operation_id="withdraw_consent", request=None, responses={200: ConsentValues})
    def post(self, request: Request, consent: str) -> Response:
        """Withdraw a consent and end every grant of this person to this client. One withdrawn stays as it is."""
        self.read(Nothing)
        caller = self.caller
        row = _shown().filter(pk=int(consent)).first()
        if row is None:
            raise NotFound
        if row.revoked_at is None:
            revoke.withdraw_consent(row, reason=REASON, actor=caller.actor, source=caller.source)
        return Response(ConsentValues(row).data)
