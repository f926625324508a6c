"""Consent: what a person allowed an app, and until when the answer is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


# In the database too, so that the release before this one can still write rows.
_EMPTY_OBJECT = Value({}, output_field=models.JSONField())


class ConsentManager(DecidingManager["Consent"]):
    """One consent per user and client."""

    def of(self, user: AbstractBaseUser, client: Client) -> Consent | None:
        """The consent that is not withdrawn, or None; one statement."""
        return self.filter(user_id=user.pk, client=client, revoked_at=None).first()

    def hold(self, user_id: Any, client: Client) -> bool:
        """Lock the consent that is not withdrawn until the transaction ends; whether there is one. One UPDATE."""
        return bool(
            self.filter(user_id=user_id, client=client, revoked_at=None).update(updated_at=models.F("updated_at"))
        )

    def allow(
        self,
        user: AbstractBaseUser,
        client: Client,
        *,
        scopes: Iterable[str],
        remembered_until: datetime | None,
        targets: Mapping[str, object] | None = None,
    ) -> Consent:
        """Keep what was allowed, beside what had been allowed before; a withdrawn consent starts afresh.

        `targets` are of the kinds that were shown, and replace what had been chosen of these.
        """
        consent = self.filter(user_id=user.pk, client=client).first()
        if consent is None:
            # An upsert: two tabs that allow at the same moment are one consent, in one statement.
            fresh = Consent(
                user_id=user.pk,
                client=client,
                scopes=sorted(set(scopes)),
                remembered_until=remembered_until,
                targets=dict(targets or {}),
            )
            self.bulk_create(
                [fresh],
                update_conflicts=True,
                unique_fields=["user", "client"],
                update_fields=["scopes", "remembered_until", "targets"],
            )
            return fresh
        before = () if consent.revoked_at else consent.scopes
        chosen_before = {} if consent.revoked_at else consent.targets
        consent.scopes = sorted({*before, *scopes})
        consent.targets = {**chosen_before, **(targets or {})}
        consent.remembered_until = remembered_until
        consent.revoked_at = None
        consent.updated_at = timezone.now()
        consent.save(update_fields=["scopes", "targets", "remembered_until", "revoked_at", "updated_at"])
        return consent


class Consent(models.Model):
    """(user, client) → scopes, targets; `remembered_until` empty: ask again each time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    scopes = models.JSONField(_("permissions"), default=list)
    # Kind of object → keys, as `targets.py` writes them; empty: no permission of it is about chosen objects.
    targets = models.JSONField(_("objects"), default=dict, db_default=_EMPTY_OBJECT, blank=True)
    # When its person was last told by mail that this app got access, or more of it.
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True, editable=False)
    remembered_until = models.DateTimeField(_("remembered until"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ConsentManager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="oauth_provider_consent_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.client}"

    def covers(self, scopes: Iterable[str], *, at: datetime) -> bool:
        """Whether the remembered answer still stands for all of these scopes."""
        remembered = self.remembered_until is not None and at < self.remembered_until
        return self.revoked_at is None and remembered and set(scopes) <= set(self.scopes)

    def narrow(self, targets: Mapping[str, object]) -> None:
        """Keep fewer objects than before; the caller holds the row and has made sure of it."""
        self.targets = dict(targets)
        self.updated_at = timezone.now()
        self.save(update_fields=["targets", "updated_at"])

    def withdraw(self) -> None:
        """Forget the answer; grants that rest on it are ended by `tokens.revoke`."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
