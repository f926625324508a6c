"""Consent: what a person allowed an app, and until when the answer is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser


# In the database too, so that the release before this one can still write rows.
_EMPTY_LIST = Value([], output_field=models.JSONField())
_EMPTY_OBJECT = Value({}, output_field=models.JSONField())
# How often an answer is read again because another one changed it meanwhile.
_TRIES = 5
# At most one mail about an app and a person in this time.
_BETWEEN_MAILS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a person said on one page."""

    scopes: frozenset[str]
    declined: frozenset[str]
    remembered_until: datetime | None
    targets: dict[str, object]

    def beside(self, before: Consent | None = None) -> dict[str, Any]:
        """The columns, with what was said before."""
        scopes, declined = (before.scopes, before.declined_scopes) if before is not None else ((), ())
        return {
            "scopes": sorted({*scopes, *self.scopes} - self.declined),
            "declined_scopes": sorted({*declined, *self.declined} - self.scopes),
            "remembered_until": self.remembered_until,
            "targets": {**(before.targets if before is not None else {}), **self.targets},
        }


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
        declined: Iterable[str] = (),
        targets: Mapping[str, object] | None = None,
    ) -> Consent:
        """Keep what was allowed, beside what had been allowed before; a withdrawn consent starts afresh.

        `declined`: optional scopes that were offered and left out; they are not allowed any more. `targets` are of the
        kinds that were shown, and replace what had been chosen of these. `gained` and `lost` of what is returned say
        which scopes are different.
        """
        answer = _Answer(frozenset(scopes), frozenset(declined), remembered_until, dict(targets or {}))
        for is_last in [False] * _TRIES + [True]:
            consent = self.filter(user_id=user.pk, client=client).first()
            if consent is None:
                consent = self._add(user, client, answer)
            else:
                consent = self._change(consent, answer, regardless=is_last)
            if consent is not None:
                return consent
        msg = "the consent is added and deleted in turns"
        raise IntegrityError(msg)

    def _add(self, user: AbstractBaseUser, client: Client, answer: _Answer) -> Consent | None:
        try:
            with transaction.atomic(using=self.db):
                fresh = self.create(user_id=user.pk, client=client, **answer.beside())
        except IntegrityError:  # another tab was first
            return None
        fresh.gained = answer.scopes
        return fresh

    def _change(self, consent: Consent, answer: _Answer, *, regardless: bool) -> Consent | None:
        """None when the row is not any more what was read: another tab allowed, or the person took something back."""
        before = None if consent.revoked_at else consent
        now = timezone.now()
        changes: dict[str, Any] = {
            **answer.beside(before),
            "revoked_at": None,
            "created_at": now if before is None else consent.created_at,
            "updated_at": now,
        }
        had = frozenset(() if before is None else before.scopes)
        as_read = {} if regardless else {"updated_at": consent.updated_at}
        if not self.filter(pk=consent.pk, **as_read).update(**changes):
            return None
        for name, value in changes.items():
            setattr(consent, name, value)
        consent.gained, consent.lost = answer.scopes - had, answer.declined & had
        return consent

    def standing(self, user: AbstractBaseUser) -> models.QuerySet[Consent]:
        """The consents of a user that answer for them: remembered, and not withdrawn."""
        return self.filter(user_id=user.pk, revoked_at=None, remembered_until__gt=Now())

    def withdraw_between(self, user_id: Any, client: Client) -> bool:
        """Forget what a user answered about one client; whether there was an answer."""
        now = timezone.now()
        return bool(self.filter(user_id=user_id, client=client, revoked_at=None).update(revoked_at=now, updated_at=now))

    def leave_out(self, user_id: Any, client: Client, scopes: frozenset[str]) -> bool:
        """Take these permissions out of an answer; whether one was in it. The first UPDATE is the lock."""
        rows = self.filter(user_id=user_id, client=client, revoked_at=None)
        rows.update(updated_at=timezone.now())
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

    # What `allow` added to what had been allowed before, and what was left out of it this time.
    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

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

    def narrow(self, targets: Mapping[str, object]) -> None:
        """Keep fewer objects than before; the caller holds the row and has made sure of it."""
        self.targets = dict(targets)
        self.updated_at = timezone.now()
        self.save(update_fields=["targets", "updated_at"])
