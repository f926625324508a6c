"""The protected API: each view says which permission it asks for, and nothing else about OAuth."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from demo_project.notes import reach
from demo_project.notes.models import Note
from demo_project.notes.serializers import (
    NoteSerializer,
    OrganizationSerializer,
    StatisticsSerializer,
    UserProfileSerializer,
)
from oauth_provider.drf import HasScope, IsMachine, IsUser

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    from demo_project.notes.models import Organization
    from oauth_provider.resource_server.access import Access

LONGEST_LIST = 50
_READ_OR_WRITE = {"GET": ["read"], "POST": ["write"], "PUT": ["write"], "PATCH": ["write"], "DELETE": ["write"]}


class UserProfileView(APIView):
    """The person in whose name the app calls."""

    permission_classes = [HasScope("read") & IsUser]
    serializer_class = UserProfileSerializer

    def get(self, request: Request) -> Response:
        user, access = cast("User", request.user), cast("Access", request.auth)
        return Response(
            {
                "username": user.get_username(),
                "name": user.get_full_name(),
                "app": access.client.name,
                "may": sorted(access.scopes),
            }
        )


class OrganizationsView(generics.ListAPIView["Organization"]):
    """The organizations the app may touch for this person."""

    permission_classes = [HasScope("read") & IsUser]
    serializer_class = OrganizationSerializer

    def get_queryset(self) -> QuerySet[Organization]:
        return reach.organizations(cast("Access", self.request.auth))


class NotesView(generics.ListCreateAPIView[Note]):
    """Notes of the organizations within reach, newest first: one permission to read, another to write."""

    permission_classes = [HasScope & IsUser]
    required_scopes = _READ_OR_WRITE
    serializer_class = NoteSerializer

    def get_queryset(self) -> QuerySet[Note]:
        found = reach.notes(cast("Access", self.request.auth))
        if wanted := self.request.query_params.get("organization"):
            found = found.filter(organization__slug=wanted)
        return found[:LONGEST_LIST]

    def perform_create(self, serializer: BaseSerializer[Note]) -> None:
        serializer.save(author=self.request.user)


class NoteView(generics.RetrieveUpdateDestroyAPIView[Note]):
    """One note; out of reach is as good as not there."""

    permission_classes = [HasScope & IsUser]
    required_scopes = _READ_OR_WRITE
    serializer_class = NoteSerializer

    def get_queryset(self) -> QuerySet[Note]:
        return reach.notes(cast("Access", self.request.auth))


class StatisticsView(APIView):
    """For a machine, which acts for no person."""

    permission_classes = [HasScope("report") & IsMachine]
    serializer_class = StatisticsSerializer

    def get(self, request: Request) -> Response:
        access = cast("Access", request.auth)
        return Response({"notes": Note.objects.count(), "asked_by": access.client.name})
