"""AuditSeal: a batch of audit events, numbered, chained to the batch before and signed (see `audit.seal`)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.deciding import DecidingManager


class AuditSealManager(DecidingManager["AuditSeal"]):
    """Adds seals at the end; nothing here changes or deletes one."""

    def newest(self) -> AuditSeal | None:
        """The seal the next one follows, without its leaves."""
        return self.defer("leaves").order_by("-number").first()

    def append(self, seal: AuditSeal) -> None:
        """Write the seal; raises IntegrityError when another runner has given its number away."""
        seal.save(force_insert=True, using=self.db)


class AuditSeal(models.Model):
    """One sealed batch. `leaves` holds the digest of each event in order, `root` seals them and what came before."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    count = models.PositiveIntegerField(_("events"))
    first_event = models.BigIntegerField(_("first event"))
    last_event = models.BigIntegerField(_("last event"))
    leaves = models.BinaryField()
    previous = models.CharField(_("root before"), max_length=64)
    root = models.CharField(_("root"), max_length=64)
    signature = models.CharField(_("signature"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed"), default=timezone.now)

    objects = AuditSealManager()

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.number}:{self.root}"
