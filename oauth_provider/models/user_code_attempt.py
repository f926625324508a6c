"""UserCodeAttempt: wrong user codes, counted in rows because a short code is only as strong as its limit."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider.models.deciding import DecidingManager


class UserCodeAttemptManager(DecidingManager["UserCodeAttempt"]):
    """Counts within a window, by the database's clock."""

    def count_of(self, key: str, *, seconds: int) -> int:
        """How many wrong codes this key has entered in the last seconds; one statement."""
        return self.filter(key=key, at__gt=Now() - timedelta(seconds=seconds)).count()


class UserCodeAttempt(models.Model):
    """One wrong user code of one person or address."""

    key = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = UserCodeAttemptManager()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="oauth_provider_attempt_key")]

    def __str__(self) -> str:
        return self.key
