"""Session: one sign-in of a person as one client knows it (`sid`, OpenID Connect Back-Channel Logout §2.1)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client
from oauth_provider.models.clock import from_now
from oauth_provider.models.deciding import DecidingManager

if TYPE_CHECKING:
    from oauth_provider.models.grant import Grant


class SessionManager(DecidingManager["Session"]):
    """Insert-or-prolong, and ending: each one statement that decides."""

    def note(self, grant: Grant, *, lifetime: int) -> None:
        """Keep that this client learnt of this sign-in, for so many seconds from now; one statement.

        One that has ended is open again: the person signed in to the app anew, in the same browser.
        """
        row = Session(
            client_id=grant.client_id, user_id=grant.user_id, sid=grant.sid, sub=grant.subject,
            expires_at=from_now(lifetime),
        )  # fmt: skip
        self.bulk_create(
            [row], update_conflicts=True, unique_fields=["client", "sid"],
            update_fields=["sub", "expires_at", "ended_at", "logout_id", "reason"],
        )  # fmt: skip

    def open(self) -> models.QuerySet[Session]:
        """Sessions that nobody has ended."""
        return self.filter(ended_at=None)

    def end(self, rows: models.QuerySet[Session], *, reason: str) -> list[Session]:
        """End those of these rows that are open and return them with their clients; for a transaction.

        The UPDATE decides: two that end the same session at once share its rows, and each row is told once.
        """
        logout_id = uuid.uuid4()
        ended = rows.filter(ended_at=None).update(ended_at=Now(), logout_id=logout_id, reason=reason)
        if not ended:
            return []
        told = self.filter(logout_id=logout_id).select_related("client__application")
        return list(told.order_by("pk"))


class Session(models.Model):
    """Kept after its end until `expires_at`, for the page that says who was signed out where."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", verbose_name=_("client"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sid = models.CharField(_("session"), max_length=64)
    sub = models.CharField(_("subject"), max_length=255)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    logout_id = models.UUIDField(null=True, blank=True, editable=False)
    reason = models.CharField(_("why"), max_length=64, blank=True, default="")

    objects = SessionManager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [models.UniqueConstraint(fields=["client", "sid"], name="oauth_provider_session_once")]
        indexes = [
            models.Index(fields=["sid"], name="oauth_provider_session_sid"),
            models.Index(
                fields=["logout_id"], name="oauth_provider_session_logout", condition=models.Q(logout_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.sid
