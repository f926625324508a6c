"""Subject: the stable random `sub` of a user, made at the first grant (OpenID Connect Core §8)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def new_sub() -> str:
    """A random identifier of 128 bits that tells nothing about the account."""
    return f"u_{secrets.token_hex(16)}"


class SubjectManager(DecidingManager["Subject"]):
    """Insert-or-read: two workers never give one user two identifiers."""

    def of(self, user: AbstractBaseUser, *, sector: str = "") -> str:
        """The `sub` of this user for this sector (empty: the public one); made when there is none."""
        subject, _created = self.get_or_create(user_id=user.pk, sector=sector, defaults={"sub": new_sub()})
        return subject.sub


class Subject(models.Model):
    """(user, sector) → `sub`; `sector` is empty for the public identifier."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sector = models.CharField(max_length=255, blank=True, default="")
    sub = models.CharField(max_length=64, unique=True, default=new_sub)

    objects = SubjectManager()

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints = [models.UniqueConstraint(fields=["user", "sector"], name="oauth_provider_subject_once")]

    def __str__(self) -> str:
        return self.sub
