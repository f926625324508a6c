"""What the developers of the demo's clients were told when those were registered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Registration(models.Model):
    """A client's id and secret, shown to its developer once; `manage.py demo` hands them to the client's process."""

    name = models.CharField(max_length=64, unique=True)
    client_id = models.CharField(max_length=255)
    client_secret = models.CharField(max_length=255, blank=True, default="")

    objects: ClassVar[models.Manager[Registration]] = models.Manager()

    def __str__(self) -> str:
        return self.name
