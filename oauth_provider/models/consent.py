"""Consent: what a person allowed an app, and until when the answer is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


# In the database too, so that the release before this one can still write rows.
_EMPTY_LIST = Value([], output_field=models.JSONField())
_EMPTY_OBJECT = Value({}, output_field=models.JSONField())
# At most one mail about an app and a person in this time.
_BETWEEN_MAILS = timedelta(days=1)


class ConsentManager(DecidingManager["Consent"]):
    """One consent per user and client."""

    def of(self, user: AbstractBaseUser, client: Client) -> Consent | None:
        """The consent that is not withdrawn, or None; one statement."""
        return self.filter(user_id=user.pk, client=client, revoked_at=None).first()

    def allow(
        self,
        user: AbstractBaseUser,
        client: Client,
        *,
        scopes: Iterable[str],
        remembered_until: datetime | None,
        declined: Iterable[str] = (),
    ) -> Consent:
        """Keep what was allowed, beside what had been allowed before; a withdrawn consent starts afresh.

        `declined`: optional scopes that were offered and left out; they are not allowed any more. `gained` of what is
        returned says what is new.
        """
        left_out = set(declined)
        consent = self.filter(user_id=user.pk, client=client).first()
        if consent is None:
            # An upsert: two tabs that allow at the same moment are one consent, in one statement.
            fresh = Consent(
                user_id=user.pk, client=client, scopes=sorted(set(scopes)), remembered_until=remembered_until,
                declined_scopes=sorted(left_out),
            )  # fmt: skip
            self.bulk_create(
                [fresh],
                update_conflicts=True,
                unique_fields=["user", "client"],
                update_fields=["scopes", "declined_scopes", "remembered_until"],
            )
            fresh.gained = frozenset(scopes)
            return fresh
        before, declined_before = ((), ()) if consent.revoked_at else (consent.scopes, consent.declined_scopes)
        if consent.revoked_at:
            consent.created_at = timezone.now()
        consent.scopes = sorted({*before, *scopes} - left_out)
        consent.declined_scopes = sorted({*declined_before, *left_out} - set(scopes))
        consent.remembered_until = remembered_until
        consent.revoked_at = None
        consent.updated_at = timezone.now()
        consent.save(
            update_fields=[
                *("scopes", "declined_scopes", "remembered_until"),
                *("revoked_at", "created_at", "updated_at"),
            ]
        )
        consent.gained = frozenset(scopes) - frozenset(before)
        return consent

    def standing(self, user: AbstractBaseUser) -> models.QuerySet[Consent]:
        """The consents of a user that answer for them: remembered, and not withdrawn."""
        return self.filter(user_id=user.pk, revoked_at=None, remembered_until__gt=Now())

    def withdraw_between(self, user_id: Any, client: Client) -> bool:
        """Forget what a user answered about one client; whether there was an answer."""
        return bool(self.filter(user_id=user_id, client=client, revoked_at=None).update(revoked_at=Now()))

    def leave_out(self, user_id: Any, client: Client, scopes: frozenset[str]) -> bool:
        """Take these permissions out of an answer; whether one was in it. The first UPDATE is the lock."""
        rows = self.filter(user_id=user_id, client=client, revoked_at=None)
        rows.update(updated_at=Now())
        consent = rows.first()
        if consent is None or not scopes & set(consent.scopes):
            return False
        declined = sorted({*consent.declined_scopes, *(scopes & set(consent.scopes))})
        kept = [scope for scope in consent.scopes if scope not in scopes]
        return bool(rows.update(scopes=kept, declined_scopes=declined))


class Consent(models.Model):
    """(user, client) → scopes, targets; `remembered_until` empty: ask again each time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    scopes = models.JSONField(_("permissions"), default=list)
    # Optional permissions its person left out; not asked again for them alone.
    declined_scopes = models.JSONField(_("left out"), default=list, db_default=_EMPTY_LIST, blank=True)
    # Kind of object → keys, as `targets.py` writes them; empty: no permission of it is about chosen objects.
    targets = models.JSONField(_("objects"), default=dict, db_default=_EMPTY_OBJECT, blank=True)
    # When its person was last told by mail that this app got access, or more of it.
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True, editable=False)
    remembered_until = models.DateTimeField(_("remembered until"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ConsentManager()

    # What `allow` added to what had been allowed before.
    gained: frozenset[str] = frozenset()

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

    def still_allows(self, scopes: Iterable[str]) -> bool:
        """Whether all of these scopes were allowed and not taken back."""
        return self.revoked_at is None and set(scopes) <= set(self.scopes)

    def take_mail(self) -> bool:
        """Take the one mail of a day about this app; whether this call may send it. One UPDATE, for two tabs too."""
        due = Q(mailed_at=None) | Q(mailed_at__lt=Now() - _BETWEEN_MAILS)
        return bool(Consent.objects.filter(due, pk=self.pk).update(mailed_at=Now()))
