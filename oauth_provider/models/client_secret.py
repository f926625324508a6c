"""ClientSecret: several live secrets per client, so that one can be replaced without an outage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider import credentials
from oauth_provider.models.client import Client
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from datetime import datetime


class ClientSecretManager(DecidingManager["ClientSecret"]):
    """Makes secrets; the plain value leaves by the return value only."""

    def add(self, client: Client, *, expires_at: datetime | None = None) -> tuple[ClientSecret, str]:
        """Add a live secret to a client and return the row with the plain value."""
        value = credentials.make(credentials.Kind.CLIENT_SECRET)
        return self.keep(client, value, expires_at=expires_at), value

    def keep(
        self, client: Client, value: str, *, expires_at: datetime | None = None, imported: bool = False
    ) -> ClientSecret:
        """Keep the digest of a secret; `imported`: another system made it and its hasher has just verified it."""
        row, _created = self.get_or_create(
            client=client,
            digest=credentials.digest(value),
            defaults={"hint": value[-4:], "expires_at": expires_at, "imported": imported},
        )
        return row

    def live(self, client: Client) -> models.QuerySet[ClientSecret]:
        """The secrets of a client that still authenticate it."""
        return self.filter(client=client, revoked_at=None).exclude(expires_at__lte=Now())


class ClientSecret(models.Model):
    """One secret of a client: a digest, and a hint by which a person recognises it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, editable=False)
    hint = models.CharField(_("hint"), max_length=4, editable=False)
    imported = models.BooleanField(_("taken over"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    last_used_address = models.CharField(
        _("last used from"), max_length=45, blank=True, default="", db_default="", editable=False
    )
    # The smallest number of days before its end at which the owners were told.
    warned_days = models.PositiveSmallIntegerField(null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ClientSecretManager()

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")
        constraints = [
            models.UniqueConstraint(fields=["client", "digest"], name="oauth_provider_secret_once"),
            # A blank secret has no digest of 64 digits; it can never be stored by mistake.
            models.CheckConstraint(
                name="oauth_provider_secret_not_blank", condition=~models.Q(digest="") & ~models.Q(hint="")
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"

    def revoke(self) -> None:
        """End this secret now."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
