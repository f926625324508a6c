"""The protected API: each view says which permission it asks for, and nothing else about OAuth."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from demo_project.notes.models import Note
from oauth_provider.drf import HasScope, IsMachine, IsUser

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from rest_framework.request import Request

    from oauth_provider.resource_server.access import Access


class NoteSerializer(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = ["id", "text", "created_at"]


class UserProfileView(APIView):
    """The person in whose name the app calls."""

    permission_classes = [HasScope("read") & IsUser]

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


class NotesView(APIView):
    """A person's own notes: one permission to read, another to write."""

    permission_classes = [HasScope & IsUser]
    required_scopes = {"GET": ["read"], "POST": ["write"]}

    def get(self, request: Request) -> Response:
        notes = Note.objects.filter(owner=request.user)[:20]
        return Response(NoteSerializer(notes, many=True).data)

    def post(self, request: Request) -> Response:
        serializer = NoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(owner=request.user)
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class StatisticsView(APIView):
    """For a machine, which acts for no person."""

    permission_classes = [HasScope("report") & IsMachine]

    def get(self, request: Request) -> Response:
        access = cast("Access", request.auth)
        return Response({"notes": Note.objects.count(), "asked_by": access.client.name})
