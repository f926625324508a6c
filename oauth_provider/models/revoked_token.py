"""RevokedToken: the one row a single revoked JWT access token costs, kept until the token has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from datetime import datetime


class RevokedTokenManager(DecidingManager["RevokedToken"]):
    """Adds a row once."""

    def add(self, digest: str, *, expires_at: datetime) -> None:
        """Refuse the JWT whose `jti` has this digest; calling it twice is harmless."""
        self.bulk_create([RevokedToken(digest=digest, expires_at=expires_at)], ignore_conflicts=True)


class RevokedToken(models.Model):
    """The digest of the `jti` of a revoked JWT access token."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RevokedTokenManager()

    def __str__(self) -> str:
        return self.digest[:8]
