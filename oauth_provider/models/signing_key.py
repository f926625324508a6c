"""SigningKey: next → active → retired → revoked; the private part is sealed, the public part published."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import KeyState


class SigningKeyManager(DecidingManager["SigningKey"]):
    """Keys by state."""

    def usable(self) -> models.QuerySet[SigningKey]:
        """Every key that signs, will sign or whose signatures are still accepted."""
        return self.exclude(state=KeyState.REVOKED).exclude(state=KeyState.RETIRED, retire_at__lte=Now())


class SigningKey(models.Model):
    """One key pair for one algorithm."""

    kid = models.CharField(_("key id"), max_length=64, unique=True)
    alg = models.CharField(_("algorithm"), max_length=16)
    use = models.CharField(max_length=8, default="sig", editable=False)
    state = models.CharField(_("state"), max_length=8, choices=KeyState.choices)
    public_jwk = models.JSONField(editable=False)
    ciphertext = models.BinaryField(editable=False)
    kek_id = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    activated_at = models.DateTimeField(_("signing since"), null=True, blank=True)
    retire_at = models.DateTimeField(_("published until"), null=True, blank=True)

    objects = SigningKeyManager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        permissions = [("rotate_key", "Can rotate signing keys")]
        constraints = [
            models.UniqueConstraint(
                fields=["alg", "use"], condition=Q(state="active"), name="oauth_provider_one_active_key"
            ),
            models.UniqueConstraint(
                fields=["alg", "use"], condition=Q(state="next"), name="oauth_provider_one_next_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alg} {self.kid}"

    def activate(self) -> None:
        """Sign with this key from now on."""
        self.state, self.activated_at = KeyState.ACTIVE, timezone.now()
        self.save(update_fields=["state", "activated_at"])

    def retire(self, *, published_seconds: int) -> None:
        """Stop signing; stay published until the last token it signed has expired."""
        self.state = KeyState.RETIRED
        self.retire_at = timezone.now() + timedelta(seconds=published_seconds)
        self.save(update_fields=["state", "retire_at"])

    def revoke(self) -> None:
        """Stop publishing and accepting this key at once."""
        self.state = KeyState.REVOKED
        self.save(update_fields=["state"])
