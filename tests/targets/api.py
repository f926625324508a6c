"""An API as a site writes it: organizations, projects and notes, written singly, nested and in bulk."""

from __future__ import annotations

from django.http import JsonResponse
from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from oauth_provider.drf import HasScope, HasTargets, IsSessionUser, TargetFilterBackend, TargetRelatedField
from oauth_provider.resource_server.decorators import scope_required
from tests.orgs.models import Note, Org, Poster, Project, Transfer


class NoteSerializer(serializers.ModelSerializer):
    project = TargetRelatedField(queryset=Project.objects.all())

    class Meta:
        model = Note
        fields = ("id", "text", "project")


class NestedNote(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ("text",)


class ProjectSerializer(serializers.ModelSerializer):
    org = TargetRelatedField(queryset=Org.objects.all())
    notes = NestedNote(many=True, required=False)

    class Meta:
        model = Project
        fields = ("id", "name", "org", "notes")

    def create(self, validated_data):
        notes = validated_data.pop("notes", [])
        project = Project.objects.create(**validated_data)
        Note.objects.bulk_create(Note(project=project, **note) for note in notes)
        return project


class MoveSerializer(serializers.Serializer):
    """Nested: many notes at once into a project."""

    class Entry(serializers.Serializer):
        note = TargetRelatedField(queryset=Note.objects.all())
        project = TargetRelatedField(queryset=Project.objects.all())

    entries = Entry(many=True)


class NoteViewSet(viewsets.ModelViewSet):
    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer
    permission_classes = [(HasScope("notes") & HasTargets("organization")) | IsSessionUser]
    filter_backends = [TargetFilterBackend]

    @action(methods=["post"], detail=False)
    def bulk(self, request):
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)

    @action(methods=["post"], detail=False)
    def move(self, request):
        serializer = MoveSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        for entry in serializer.validated_data["entries"]:
            Note.objects.filter(pk=entry["note"].pk).update(project=entry["project"])
        return Response({"moved": len(serializer.validated_data["entries"])})


class ProjectViewSet(viewsets.ModelViewSet):
    """Without the filter backend: the object permission alone."""

    queryset = Project.objects.order_by("pk")
    serializer_class = ProjectSerializer
    permission_classes = [HasScope("notes"), HasTargets("organization")]


class UnlimitedViewSet(viewsets.ReadOnlyModelViewSet):
    """Asks for a scope that is about nothing, and limits all the same."""

    queryset = Org.objects.order_by("pk")
    serializer_class = type(
        "OrgSerializer",
        (serializers.ModelSerializer,),
        {"Meta": type("Meta", (), {"model": Org, "fields": ("id", "name")})},
    )
    permission_classes = [HasScope("profile")]
    filter_backends = [TargetFilterBackend]


@scope_required("notes")
def plain(request):
    """Plain Django: several ways to say what is meant."""
    limit = request.access.limit
    return JsonResponse(
        {
            "orgs": [org.name for org in limit(Org.objects.order_by("name"))],
            "notes": [note.text for note in limit(Note.objects.order_by("text"))],
            "given": limit(Transfer.objects.all(), "giver").count(),
            "posters": limit(Poster.objects.all(), through="orgs").count(),
            "targets": {kind: list(keys) for kind, keys in request.access.targets.items()},
        }
    )


router = SimpleRouter(trailing_slash=False)
router.register("notes", NoteViewSet)
router.register("projects", ProjectViewSet)
router.register("orgs", UnlimitedViewSet)

urlpatterns = [path("", include("oauth_provider.urls")), path("api/", include(router.urls)), path("plain", plain)]
