"""ClientLogo: the picture people see beside an app's name, served from here so that no page asks another host."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client


class ClientLogo(models.Model):
    """One small picture of a client; `Client.logo_digest` names it."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, primary_key=True, related_name="logo")
    media_type = models.CharField(_("type"), max_length=32)
    content = models.BinaryField()

    objects: ClassVar[models.Manager[ClientLogo]] = models.Manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return f"logo of {self.client_id}"
