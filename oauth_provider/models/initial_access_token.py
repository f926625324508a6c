"""InitialAccessToken: what lets a developer register clients dynamically (RFC 7591 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider import credentials
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


class InitialAccessTokenManager(DecidingManager["InitialAccessToken"]):
    """Makes tokens and spends their uses."""

    def make(
        self,
        *,
        note: str,
        expires_at: datetime,
        uses: int,
        scopes: Iterable[str] = (),
        owner: AbstractBaseUser | None = None,
        value: str | None = None,
    ) -> tuple[InitialAccessToken, str]:
        """Store a token for so many registrations and return its row with the value, shown this once."""
        value = value or credentials.make(credentials.Kind.INITIAL_ACCESS_TOKEN)
        row = self.create(
            digest=credentials.digest(value), note=note, expires_at=expires_at, uses_left=uses, scopes=list(scopes),
            owner_id=None if owner is None else owner.pk,
        )  # fmt: skip
        return row, value

    def live(self, digest: str) -> InitialAccessToken | None:
        """The token of this digest with its owner while it is good for one registration more; one statement."""
        return self._live(digest).select_related("owner").first()

    def spend(self, digest: str) -> bool:
        """Take one use of a live token; False when there is none left. The UPDATE decides between two requests."""
        return bool(self._live(digest).update(uses_left=F("uses_left") - 1, last_used_at=Now()))

    def _live(self, digest: str) -> models.QuerySet[InitialAccessToken]:
        return self.filter(digest=digest, revoked_at=None, expires_at__gt=Now(), uses_left__gt=0)


class InitialAccessToken(models.Model):
    """Registrations left, what their clients may have, and who owns them."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(_("what for"), max_length=255)
    scopes = models.JSONField(
        _("scopes"), default=list, blank=True, help_text=_("The most its clients may have; empty: REGISTRATION_SCOPES.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("owner of its clients"),
    )  # fmt: skip
    uses_left = models.PositiveIntegerField(_("registrations left"), default=1)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = InitialAccessTokenManager()

    class Meta:
        verbose_name = _("initial access token")
        verbose_name_plural = _("initial access tokens")

    def __str__(self) -> str:
        return self.note

    def revoke(self) -> bool:
        """End this token; whether it was alive until now. Clients registered with it stay."""
        self.revoked_at = timezone.now()
        return bool(InitialAccessToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=Now()))
