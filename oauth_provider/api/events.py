"""Audit events: to be read, by nobody to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.fields import Moment, Values
from oauth_provider.api.filters import EventFilter
from oauth_provider.api.openapi import described
from oauth_provider.api.pagination import NewestFirst
from oauth_provider.api.view import ManagementView
from oauth_provider.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class EventValues(Values):
    """What happened, to which client and user, by whom, from where. Ids are texts: history outlives its subjects."""

    id = serializers.IntegerField()
    at = Moment()
    event = serializers.CharField()
    client_id = serializers.CharField()
    user_id = serializers.CharField()
    actor = serializers.CharField()
    grant_id = serializers.CharField()
    address = serializers.CharField()
    user_agent = serializers.CharField()
    request_id = serializers.CharField()
    detail = serializers.DictField()


class Events(ManagementView):
    """Audit events, the newest first."""

    rights = {"GET": rights.SEE_EVENTS}
    tag = "events"
    pagination_class = NewestFirst
    filterset_class = EventFilter

    def get_queryset(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.all()

    @described(operation_id="list_events", responses=EventValues(many=True))
    def get(self, request: Request) -> Response:
        """List audit events."""
        return self.page(self.get_queryset(), EventValues)
