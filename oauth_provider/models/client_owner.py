"""ClientOwner: who answers for a client. A leaving employee takes nothing along: only the ownership ends."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client


class ClientOwner(models.Model):
    """A user or a group that owns a client; never both in one row."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="owners")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey("auth.Group", on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints = [
            models.CheckConstraint(
                name="oauth_provider_owner_user_xor_group",
                condition=models.Q(user__isnull=False, group__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False),
            ),
            models.UniqueConstraint(fields=["client", "user"], name="oauth_provider_owner_user_once"),
            models.UniqueConstraint(fields=["client", "group"], name="oauth_provider_owner_group_once"),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)
