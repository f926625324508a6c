"""DeviceCode: a device that waits for a person (RFC 8628)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider.models.client import Client
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.grant import Grant
from oauth_provider.values import DeviceCodeState

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

# RFC 8628 §3.5: slow_down increases the interval by 5 seconds for this and all later requests.
SLOW_DOWN_SECONDS = 5
# In the database too, so that the release before this one can still write rows.
_EMPTY_LIST = Value([], output_field=models.JSONField())


class DeviceCodeManager(DecidingManager["DeviceCode"]):
    """Look-ups by either code."""

    def poll(self, digest: str, *, client: Client) -> bool:
        """Note that the device asked; whether the code is this client's. One UPDATE, before anything is read."""
        return bool(self.filter(digest=digest, client=client).update(previous_poll_at=F("polled_at"), polled_at=Now()))

    def find(self, digest: str) -> DeviceCode | None:
        """The device code with its grant, user and the database's time; one statement."""
        return self.select_related("grant", "grant__user").annotate(**DATABASE_NOW).filter(digest=digest).first()

    def pending(self, user_code_digests: list[str]) -> DeviceCode | None:
        """The code a person may still decide on; one statement."""
        return (
            self.select_related("client", "client__application")
            .filter(user_code_digest__in=user_code_digests, state=DeviceCodeState.PENDING, expires_at__gt=Now())
            .first()
        )


class DeviceCode(models.Model):
    """A device code and its user code, both stored as digests; who asked, from where, for what."""

    digest = models.CharField(max_length=64, unique=True)
    user_code_digest = models.CharField(max_length=64)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="device_codes")
    scopes = models.JSONField(default=list)
    resources = models.JSONField(default=list)
    authorization_details = models.JSONField(default=list, db_default=_EMPTY_LIST)
    address = models.CharField(max_length=45, blank=True, default="")
    user_agent = models.CharField(max_length=255, blank=True, default="")
    interval = models.PositiveSmallIntegerField(default=5)
    polled_at = models.DateTimeField(null=True)
    previous_poll_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=DeviceCodeState.choices, default=DeviceCodeState.PENDING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, null=True, related_name="device_codes")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    objects = DeviceCodeManager()

    database_now: datetime

    class Meta:
        constraints = [
            # A user code is unique while it can be entered (RFC 8628 §6.1); old ones may come again.
            models.UniqueConstraint(
                fields=["user_code_digest"],
                condition=Q(state="pending"),
                name="oauth_provider_user_code_once",
            )
        ]

    def __str__(self) -> str:
        return f"device code of {self.client_id}"

    def is_polled_too_soon(self) -> bool:
        """Whether the last two polls are closer than the interval asks (RFC 8628 §3.5; DE3)."""
        if self.polled_at is None or self.previous_poll_at is None:
            return False
        return (self.polled_at - self.previous_poll_at).total_seconds() < self.interval

    def slow_down(self) -> None:
        """Lengthen the interval for this and every later poll."""
        self.interval += SLOW_DOWN_SECONDS
        DeviceCode.objects.filter(pk=self.pk).update(interval=self.interval)

    def claim(self, user: AbstractBaseUser) -> bool:
        """Tie a pending code to the person who entered it; False when another one was first (C45)."""
        return bool(self._undecided().filter(Q(user=None) | Q(user_id=user.pk)).update(user_id=user.pk))

    def allow(self, user: AbstractBaseUser) -> bool:
        """The person allows; whether this call decided. The grant follows by `attach` in the same transaction."""
        return self._decide(user, state=DeviceCodeState.ALLOWED)

    def attach(self, grant: Grant) -> None:
        """Name the grant that the allowed device will get."""
        DeviceCode.objects.filter(pk=self.pk).update(grant=grant)

    def deny(self, user: AbstractBaseUser) -> bool:
        """The person refuses; whether this call decided."""
        return self._decide(user, state=DeviceCodeState.DENIED)

    def consume(self) -> bool:
        """Spend an allowed code; whether this call spent it."""
        return bool(
            DeviceCode.objects.filter(pk=self.pk, state=DeviceCodeState.ALLOWED).update(state=DeviceCodeState.CONSUMED)
        )

    def _undecided(self) -> models.QuerySet[DeviceCode]:
        return DeviceCode.objects.filter(pk=self.pk, state=DeviceCodeState.PENDING, expires_at__gt=Now())

    def _decide(self, user: AbstractBaseUser, *, state: DeviceCodeState) -> bool:
        return bool(self._undecided().filter(user_id=user.pk).update(state=state))
