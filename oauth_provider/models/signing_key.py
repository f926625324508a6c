"""SigningKey: next → active → retired → revoked; the private part is sealed, the public part published.

A key that will not sign again has no private part any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import KeyState


class SigningKeyManager(DecidingManager["SigningKey"]):
    """Keys by state."""

    def signing(self) -> models.QuerySet[SigningKey]:
        """Keys that sign or will: those whose private part is needed."""
        return self.filter(state__in=[KeyState.ACTIVE, KeyState.NEXT])

    def ended(self) -> models.QuerySet[SigningKey]:
        """Keys that will not sign again."""
        return self.filter(state__in=[KeyState.RETIRED, KeyState.REVOKED])

    def erase_private_parts(self) -> int:
        """Erase what ended keys still have of one, from before that was done when they ended; how many."""
        return self.ended().exclude(kek_id="").update(**_NO_PRIVATE_PART)

    def usable(self) -> models.QuerySet[SigningKey]:
        """Every key that signs, will sign or whose signatures are still accepted."""
        return self.exclude(state=KeyState.REVOKED).exclude(state=KeyState.RETIRED, retire_at__lte=Now())


_NO_PRIVATE_PART: dict[str, Any] = {"ciphertext": b"", "kek_id": ""}


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

    def activate(self) -> bool:
        """Let the next key sign from now on; False when it is not the next one any more."""
        return self._move(KeyState.NEXT, KeyState.ACTIVE, activated_at=timezone.now())

    def retire(self, *, published_seconds: int) -> bool:
        """Stop signing; stay published until the last token it signed has expired. False when it does not sign."""
        until = timezone.now() + timedelta(seconds=published_seconds)
        return self._move(KeyState.ACTIVE, KeyState.RETIRED, retire_at=until, **_NO_PRIVATE_PART)

    def revoke(self) -> bool:
        """Stop publishing and accepting this key at once; False when that was done before."""
        for state in (KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED):
            if self._move(state, KeyState.REVOKED, **_NO_PRIVATE_PART):
                return True
        return False

    def reseal(self, *, ciphertext: bytes, kek_id: str) -> bool:
        """Keep the private part as sealed anew; False when somebody else did so, or ended the key, meanwhile."""
        unchanged = SigningKey.objects.filter(pk=self.pk, kek_id=self.kek_id)
        return bool(unchanged.update(ciphertext=ciphertext, kek_id=kek_id))

    def _move(self, before: KeyState, after: KeyState, **columns: Any) -> bool:
        """The UPDATE decides between two that move the same key at once."""
        if not SigningKey.objects.filter(pk=self.pk, state=before).update(state=after, **columns):
            return False
        for name, value in (("state", after), *columns.items()):
            setattr(self, name, value)
        return True
