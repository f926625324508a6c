"""How notes and organizations look as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from demo_project.notes import reach
from demo_project.notes.models import Note, Organization

if TYPE_CHECKING:
    from django.db.models import QuerySet


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ["slug", "name"]


class ReachableOrganization(serializers.SlugRelatedField[Organization]):
    """An organization by its slug. One out of reach is as unknown as one that does not exist."""

    def get_queryset(self) -> QuerySet[Organization]:
        return reach.organizations(self.context["request"].auth)


class NoteSerializer(serializers.ModelSerializer[Note]):
    # Where a note is created in or moved to is asked as strictly as which notes are read.
    organization: Any = ReachableOrganization(slug_field="slug", queryset=Organization.objects.none())
    author = serializers.CharField(source="author.username", read_only=True, default=None)

    class Meta:
        model = Note
        fields = ["id", "organization", "author", "text", "created_at"]


class UserProfileSerializer(serializers.Serializer[Any]):
    """For the description: the view writes the answer itself."""

    username = serializers.CharField()
    name = serializers.CharField()
    app = serializers.CharField()
    may = serializers.ListField(child=serializers.CharField())


class StatisticsSerializer(serializers.Serializer[Any]):
    """As UserProfileSerializer."""

    notes = serializers.IntegerField()
    asked_by = serializers.CharField()
