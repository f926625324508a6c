"""AccessToken: rows of opaque access tokens only; JWTs have none. Machine tokens have no grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider.models import unread
from oauth_provider.models.client import Client
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.grant import Grant
from oauth_provider.models.prepared import Prepared

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


class AccessTokenManager(DecidingManager["AccessToken"]):
    """Opaque access tokens by digest."""

    def find(self, digest: str, *, for_userinfo: bool = False) -> AccessToken | None:
        """The token with grant, user, client and Application, alive or not; one statement."""
        return _FIND[for_userinfo].first(self.db, digest=digest)


class AccessToken(models.Model):
    """One opaque access token."""

    digest = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, null=True, related_name="access_tokens")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="access_tokens")
    # The grant's user, or a machine's service account: one join finds either.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    scopes = models.JSONField(default=list)
    audience = models.JSONField(default=list)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenManager()

    database_now: datetime

    def __str__(self) -> str:
        return f"access token of {self.grant_id or self.client_id}"

    def acts_for(self) -> AbstractBaseUser | None:
        """The person, or the machine's service account as it is now; read along unless that has changed."""
        if self.grant is None:
            return self.user if self.user_id == self.client.service_account_id else self.client.service_account
        if self.user is not None and self.user_id == self.grant.user_id:
            self.grant.user = self.user
        return self.grant.user

    def revoke(self) -> bool:
        """End this token alone; whether it was alive until now."""
        return bool(AccessToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=Now()))


def _find(*, for_userinfo: bool) -> Prepared[AccessToken]:
    return Prepared(
        lambda digest: (
            AccessToken.objects.select_related("grant", "user", "client", "client__application")
            .defer(*unread.of_grant_and_client(for_userinfo=for_userinfo, grant="grant__", client="client__"))
            .annotate(**DATABASE_NOW)
            .filter(digest=digest)
        ),
        {"digest": "?digest"},
    )


_FIND = {for_userinfo: _find(for_userinfo=for_userinfo) for for_userinfo in (False, True)}
