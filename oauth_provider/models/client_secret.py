"""ClientSecret: several live secrets per client, so that one can be replaced without an outage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider import credentials
from oauth_provider.models.client import Client
from oauth_provider.models.clock import from_now
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import Profile, RegistrationSource

if TYPE_CHECKING:
    from datetime import datetime

# The digest of the row that stands for a secret django-oauth-toolkit hashed and nobody has sent yet; no value has it.
STORED_HASH = "0" * 64
STORED_HASH_HINT = "hash"


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
        return self.filter(_LIVE, client=client)

    def shorten(self, client: Client, *, seconds: int, except_for: ClientSecret) -> list[ClientSecret]:
        """Let every other live secret end in so many seconds at the latest, and return them; none is prolonged."""
        others = list(self.live(client).exclude(pk=except_for.pk).values_list("pk", flat=True))
        longer = self.filter(pk__in=others).exclude(expires_at__lte=from_now(seconds))
        longer.update(expires_at=from_now(seconds), warned_days=None)
        return list(self.filter(pk__in=others).order_by("pk"))

    def may_verify_stored_hash(self, client: Client) -> bool:
        """Whether the hash that django-oauth-toolkit keeps still counts: until a digest of ours stands for the same
        value, or the row that stands for the hash has ended; one statement.
        """
        standing = Q(digest=STORED_HASH) & _LIVE
        return not self.filter(client=client, imported=True).exclude(standing).exists()

    def has_hidden_hash(self, client: Client) -> bool:
        """Whether the hash that django-oauth-toolkit keeps counts and has no row yet that says so."""
        return (
            client.profile == Profile.IMPORTED
            and client.registration_source == RegistrationSource.DOT
            and not client.is_public
            and bool(client.application.client_secret)
            and not self.filter(client=client, imported=True).exists()
        )

    def show_stored_hash(self, client: Client) -> None:
        """Give the hash that django-oauth-toolkit keeps a row of its own, so that it can expire and be revoked."""
        if self.has_hidden_hash(client):
            self.get_or_create(client=client, digest=STORED_HASH, defaults={"hint": STORED_HASH_HINT, "imported": True})

    def take_over(self, client: Client, value: str) -> None:
        """Keep the digest of a secret that django-oauth-toolkit's hash has just proved right."""
        columns = {"digest": credentials.digest(value), "hint": value[-4:]}
        if not self.filter(client=client, digest=STORED_HASH).update(**columns):
            self.keep(client, value, imported=True)


# By the database's clock.
_LIVE = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))


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

    # Where it was asked for with DATABASE_NOW.
    database_now: datetime

    def __str__(self) -> str:
        return f"…{self.hint}"

    def revoke(self) -> None:
        """End this secret now."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])

    def set_expiry(self, expires_at: datetime | None) -> None:
        """Let this secret end at another time; the owners are told of it anew."""
        self.expires_at, self.warned_days = expires_at, None
        self.save(update_fields=["expires_at", "warned_days"])

    def note_warning(self, days: int) -> bool:
        """Note that the owners are told so many days before its end; False when they were, or another run does."""
        rows = ClientSecret.objects.filter(_LIVE, pk=self.pk).filter(Q(warned_days=None) | Q(warned_days__gt=days))
        return bool(rows.update(warned_days=days))

    def forget_warning(self, days: int) -> None:
        """Take `note_warning` back: nobody could be told. `warned_days` is still what it was when the row was read."""
        ClientSecret.objects.filter(pk=self.pk, warned_days=days).update(warned_days=self.warned_days)
