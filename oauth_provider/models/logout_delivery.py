"""LogoutDelivery: the outbox of back-channel logout. A row is written in the transaction that ends the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider import signals
from oauth_provider.models.client import Client
from oauth_provider.models.clock import from_now
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models.session import Session


class LogoutDeliveryManager(DecidingManager["LogoutDelivery"]):
    """Writing the rows of a logout, and taking one to deliver it."""

    def put(self, sessions: Iterable[Session]) -> list[LogoutDelivery]:
        """One row for each of these sessions whose client is told by back-channel; due at once. One INSERT or none.

        Once that is committed, `signals.logouts_due` has them delivered.
        """
        rows = [
            LogoutDelivery(
                client_id=session.client_id, logout_id=session.logout_id, sid=session.sid, sub=session.sub,
                next_try_at=from_now(0),
            )
            for session in sessions
            if session.client.backchannel_logout_uri
        ]  # fmt: skip
        if not rows:
            return []
        put = self.bulk_create(rows)
        transaction.on_commit(lambda: signals.logouts_due.send_robust(LogoutDelivery, deliveries=put))
        return put

    def due(self) -> models.QuerySet[LogoutDelivery]:
        """Those whose time for the next try has come, the oldest first."""
        return self.filter(state=DeliveryState.WAITING, next_try_at__lte=Now()).order_by("next_try_at", "pk")


class LogoutDelivery(models.Model):
    """One client that must hear of one logout. Holds no token: each try signs another."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", verbose_name=_("client"))
    logout_id = models.UUIDField(null=True, editable=False)
    sid = models.CharField(_("session"), max_length=64)
    sub = models.CharField(_("subject"), max_length=255)
    state = models.CharField(
        _("state"), max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING.value
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("last error"), max_length=255, blank=True, default="")
    created_at = models.DateTimeField(_("at"), default=timezone.now, editable=False, db_index=True)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    done_at = models.DateTimeField(_("delivered or given up"), null=True, blank=True)

    objects = LogoutDeliveryManager()

    class Meta:
        verbose_name = _("logout delivery")
        verbose_name_plural = _("logout deliveries")
        permissions = [("repeat_logoutdelivery", "Can repeat logout delivery")]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="oauth_provider_logouts_due",
                condition=models.Q(state=DeliveryState.WAITING.value),
            ),
            models.Index(fields=["logout_id"], name="oauth_provider_logouts_of"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.sid}"

    def take(self, *, lease: int) -> bool:
        """Take it for one try; False when another worker has it, or it is over. For so many seconds nobody else does.

        The UPDATE decides. Whoever dies with it leaves it due again after the lease.
        """
        taken = LogoutDelivery.objects.filter(
            pk=self.pk, state=DeliveryState.WAITING, tries=self.tries, next_try_at__lte=Now()
        ).update(tries=F("tries") + 1, next_try_at=from_now(lease))
        self.tries += 1 if taken else 0
        return bool(taken)

    def note_delivered(self) -> None:
        """The client took it."""
        self._end(DeliveryState.DELIVERED, error="")

    def put_off(self, seconds: int, *, error: str) -> None:
        """It failed in a way that may pass: due again in so many seconds."""
        rows = LogoutDelivery.objects.filter(pk=self.pk, state=DeliveryState.WAITING, tries=self.tries)
        rows.update(next_try_at=from_now(seconds), error=error[:255])

    def give_up(self, *, error: str) -> None:
        """It will not be tried again by itself: a dead letter, which an admin can repeat."""
        self._end(DeliveryState.DEAD, error=error)

    def repeat(self) -> bool:
        """Make a dead letter due again, with all its tries; whether it was one."""
        rows = LogoutDelivery.objects.filter(pk=self.pk, state=DeliveryState.DEAD)
        return bool(rows.update(state=DeliveryState.WAITING, tries=0, next_try_at=Now(), done_at=None))

    def _end(self, state: DeliveryState, *, error: str) -> None:
        # Not what another worker tries by now, whose lease came after this one's.
        rows = LogoutDelivery.objects.filter(pk=self.pk, state=DeliveryState.WAITING, tries=self.tries)
        rows.update(state=state, done_at=Now(), error=error[:255])
