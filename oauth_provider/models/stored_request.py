"""StoredRequest: a validated authorization request that waits for its person; the form carries only its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider.models.client import Client
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


class StoredRequestManager(DecidingManager["StoredRequest"]):
    """Look-ups and the one UPDATE that decides."""

    def find(self, digest: str) -> StoredRequest | None:
        """The request with client and Application and the database's time, decided or not; one statement."""
        return (
            self.select_related("client", "client__application").annotate(**DATABASE_NOW).filter(digest=digest).first()
        )

    def decide(self, digest: str, *, user: AbstractBaseUser, session_digest: str, decision: Decision) -> bool:
        """Decide a request shown to this user in this session; whether this call decided it."""
        return bool(
            self.filter(
                digest=digest,
                user_id=user.pk,
                session_digest=session_digest,
                expires_at__gt=Now(),
                decided_at=None,
            ).update(decided_at=Now(), decision=decision)
        )


class StoredRequest(models.Model):
    """The parameters of one authorization request; who it was shown to, in which session, with which scopes."""

    digest = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    parameters = models.JSONField(default=dict)
    resources = models.JSONField(default=list)
    scopes = models.JSONField(default=list)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    session_digest = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=5, blank=True, default="")

    objects = StoredRequestManager()

    database_now: datetime

    def __str__(self) -> str:
        return f"request of {self.client_id}"

    def leave_out(self, scopes: Iterable[str]) -> None:
        """Keep what the person allowed of what was shown to them."""
        self.scopes = list(scopes)
        StoredRequest.objects.filter(pk=self.pk).update(scopes=self.scopes)

    def turn_down(self) -> None:
        """Make the decision a no, because what was allowed cannot be had any more."""
        self.decision = Decision.DENY
        StoredRequest.objects.filter(pk=self.pk).update(decision=Decision.DENY)
