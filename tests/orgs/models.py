from __future__ import annotations

from django.conf import settings
from django.db import models


class Org(models.Model):
    name = models.CharField(max_length=80)
    number = models.IntegerField(unique=True, null=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="orgs")

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    name = models.CharField(max_length=80)
    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="projects")

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    text = models.CharField(max_length=80)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)

    def __str__(self) -> str:
        return self.text


class Transfer(models.Model):
    """Two ways to an organization."""

    giver = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.giver_id} → {self.receiver_id}"


class Poster(models.Model):
    """Belongs to several organizations."""

    orgs = models.ManyToManyField(Org)

    def __str__(self) -> str:
        return str(self.pk)


class Badge(models.Model):
    """Points at an organization by another column than its key."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, to_field="number", related_name="+")

    def __str__(self) -> str:
        return str(self.pk)
