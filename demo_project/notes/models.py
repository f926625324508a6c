"""What the API protects: notes that belong to organizations, and who works in which."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Organization(models.Model):
    """A group of people who keep notes together."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    objects: ClassVar[models.Manager[Organization]] = models.Manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in an organization. Who leaves it reads its notes no longer, whatever an app was allowed."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")

    objects: ClassVar[models.Manager[Membership]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="notes_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization}"


class Note(models.Model):
    """A line of text that belongs to an organization, and who wrote it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="notes")
    text = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[Note]] = models.Manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text
