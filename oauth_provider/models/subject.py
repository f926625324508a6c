"""Subject: the stable random `sub` of a user, made at the first grant (OpenID Connect Core §8)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import SubjectType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractBaseUser


def new_sub() -> str:
    """A random identifier of 128 bits that tells nothing about the account."""
    return f"u_{secrets.token_hex(16)}"


def sector_for(subject_type: str, *, uri: str, redirect_uris: Iterable[str]) -> str:
    """The sector whose identifiers a client gets; "" for the public one (OpenID Connect Core §8.1).

    Of a pairwise client it is the host of its `sector_identifier_uri`, else the one host of its redirect URIs.
    """
    if subject_type != SubjectType.PAIRWISE:
        return ""
    return host_of(uri) if uri else min(map(host_of, redirect_uris), default="")


def host_of(uri: str) -> str:
    """The host in lower case; "" where there is none."""
    return urlsplit(uri).hostname or ""


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
