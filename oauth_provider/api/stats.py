"""Statistics: tokens, refusals and what wants looking after; the numbers of the admin's dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from oauth_provider.api import rights
from oauth_provider.api.fields import Moment, Values
from oauth_provider.api.openapi import described
from oauth_provider.api.view import ManagementView
from oauth_provider.insight import statistics

if TYPE_CHECKING:
    from rest_framework.request import Request

_PERIOD = OpenApiParameter("period", str, enum=list(statistics.PERIODS), default=statistics.DEFAULT_PERIOD)


class ClientNumberValues(Values):
    """A number of one client, or of an id that belongs to none."""

    client_id = serializers.CharField()
    name = serializers.CharField()
    number = serializers.IntegerField()


class ByClientValues(Values):
    """The clients with the largest numbers, and what the others have together."""

    top = ClientNumberValues(many=True)
    others = serializers.IntegerField()


class GrantTypeNumberValues(Values):
    """Tokens issued by one grant type."""

    grant_type = serializers.CharField()
    number = serializers.IntegerField()


class ReasonNumberValues(Values):
    """Why requests were refused, and how often."""

    event = serializers.CharField()
    error = serializers.CharField()
    number = serializers.IntegerField()


class NeglectedClientValues(Values):
    """A client that wants looking after."""

    client_id = serializers.CharField()
    name = serializers.CharField()
    created_at = Moment()
    last_used_at = Moment(allow_null=True)


class NeglectedValues(Values):
    """How many there are, and the first of them."""

    number = serializers.IntegerField()
    shown = NeglectedClientValues(many=True)


class KeyAgeValues(Values):
    """The key that signs, since when, and when the next one is due."""

    alg = serializers.CharField()
    kid = serializers.CharField()
    signing_since = Moment()
    due_at = Moment()
    next_published_at = Moment(allow_null=True)


class StatsValues(Values):
    """The numbers of one period, at most a minute old."""

    period = serializers.CharField()
    since = Moment()
    at = Moment()
    issued = serializers.IntegerField()
    issued_by_client = ByClientValues()
    issued_by_grant_type = GrantTypeNumberValues(many=True)
    refused = serializers.IntegerField()
    refused_by_reason = ReasonNumberValues(many=True)
    refused_by_client = ByClientValues()
    unused = NeglectedValues()
    without_owner = NeglectedValues()
    keys = KeyAgeValues(many=True)


class Stats(ManagementView):
    """Statistics of a period."""

    rights = {"GET": rights.SEE_STATISTICS}
    tag = "stats"
    query_names = ("period",)

    @described(operation_id="get_stats", parameters=[_PERIOD], responses=StatsValues)
    def get(self, request: Request) -> Response:
        """Read the numbers of the last day, week or month."""
        period = request.query_params.get("period", statistics.DEFAULT_PERIOD)
        if period not in statistics.PERIODS:
            raise ValidationError({"period": [_("Choose one of: %s.") % ", ".join(statistics.PERIODS)]})
        return Response(StatsValues(statistics.recent(period)).data)
