"""Entrance: what one view asks of whoever comes with a token, and the answer. Outside Django REST framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async

from oauth_provider.errors import InvalidToken
from oauth_provider.resource_server import bearer, conditions, metadata, refusals
from oauth_provider.resource_server.challenges import Door
from oauth_provider.resource_server.conditions import Scopes
from oauth_provider.resource_server.lack import Condition
from oauth_provider.resource_server.requirement import Requirement

if TYPE_CHECKING:
    from django.http import HttpRequest

    from oauth_provider.resource_server.access import Access
    from oauth_provider.resource_server.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Entrance:
    """Scopes, always; and what else has to hold (`conditions.build`)."""

    requirement: Requirement
    others: tuple[Condition, ...] = ()
    resource: str | None = None

    def enter(self, request: HttpRequest) -> Access | Refusal:
        """The access of the request's token, if it holds everything; one statement."""
        try:
            access = bearer.authenticate(request, resource=self.resource)
        except InvalidToken as error:
            return refusals.bad_token(error, self._door(request))
        if access is None:
            return refusals.no_token(self._door(request), scope=self.requirement.only)
        wanted = (Scopes(self.requirement), *self.others)
        lacks = conditions.lacks_of(wanted, access=access)
        if not lacks:
            return access
        asked = conditions.asked_by(wanted, access=access)
        return refusals.insufficient(lacks, self._door(request), asked=asked, access=access)

    def _door(self, request: HttpRequest) -> Door:
        return Door(resource_metadata=metadata.url_of(self.resource), scheme=bearer.scheme_of(request))

    async def aenter(self, request: HttpRequest) -> Access | Refusal:
        """As `enter`: in one hop into a thread, or in none where nobody has to be asked."""
        # Of a refusal the cache may keep why: a bounded few each minute, not worth a hop for every request.
        if bearer.asks_nobody(request):
            return self.enter(request)
        return await sync_to_async(self.enter)(request)
