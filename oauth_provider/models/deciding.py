"""The manager of every table whose rows decide something: it reads where it writes, never from a replica."""

from __future__ import annotations

from typing import TypeVar

from django.db import models, router

_M = TypeVar("_M", bound=models.Model)


class DecidingManager(models.Manager[_M]):
    """Look-ups go to the database that is written to: a replica may be a second behind a revocation."""

    @property
    def db(self) -> str:
        """The alias every statement of this manager uses."""
        return self._db or router.db_for_write(self.model)

    def get_queryset(self) -> models.QuerySet[_M]:
        """A queryset that reads there too."""
        return super().get_queryset().using(self.db)
