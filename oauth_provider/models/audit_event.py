"""AuditEvent: what happened, to whom, by whom. Ids as text and no foreign keys: history outlives its subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models, router
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider import acting
from oauth_provider.values import Event, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from oauth_provider.models.client import Client
    from oauth_provider.models.grant import Grant


# What a client does by its own requests; where it is an AI agent, they are its doing (`act`, RFC 8693 §4.1). What
# somebody does about a client is theirs.
_OF_CLIENTS = frozenset({
    Event.AUTHORIZATION_ISSUED, Event.AUTHORIZATION_REFUSED, Event.CLIENT_AUTHENTICATION_FAILED,
    Event.CONSENT_GRANTED, Event.CONSENT_DENIED, Event.DEVICE_REQUESTED, Event.DEVICE_ALLOWED, Event.DEVICE_DENIED,
    Event.REUSE_DETECTED, Event.TOKEN_ISSUED, Event.TOKEN_REFUSED, Event.TOKEN_REVOKED,
})  # fmt: skip

# What the list of clients counts as failures, and the dashboard as refusals.
FAILURES = (
    Event.AUTHORIZATION_REFUSED.value,
    Event.CLIENT_AUTHENTICATION_FAILED.value,
    Event.REUSE_DETECTED.value,
    Event.TOKEN_REFUSED.value,
)


class AuditEventManager(models.Manager["AuditEvent"]):
    """Writes events, and numbers each once for its seal; nothing here changes what one says or deletes it."""

    def record(
        self,
        event: Event,
        *,
        client: Client | None = None,
        client_id: str = "",
        user: AbstractBaseUser | AnonymousUser | None = None,
        actor: str = "",
        grant: Grant | None = None,
        source: Source = Source(),  # noqa: B008  # frozen
        detail: Mapping[str, object] | None = None,
    ) -> AuditEvent:
        """Write one event: one INSERT, meant as the last statement of the transaction it tells of.

        `detail` must hold no secret, code or token; `client_id` is for a client that could not be found. It gets `act`
        where an AI agent acts.
        """
        act = acting.act()
        if act is None and client is not None and not actor and event in _OF_CLIENTS and client.is_agent:
            act = {"sub": client.client_id}
        user_id = getattr(user, "pk", None) or getattr(grant, "user_id", None)
        return self.create(
            event=event,
            client_id=(client.client_id if client is not None else client_id)[:255],
            user_id="" if user_id is None else str(user_id),
            actor=actor,
            grant_id="" if grant is None else str(grant.pk),
            address=source.address,
            user_agent=source.user_agent,
            request_id=source.request_id,
            detail={**(detail or {}), **({} if act is None else {"act": act})},
        )

    def waiting(self) -> models.QuerySet[AuditEvent]:
        """Events that no seal holds yet, by id, from the database that is written to."""
        return self.using(router.db_for_write(self.model)).filter(batch=None).order_by("pk")

    def number(self, ids: Collection[int], *, batch: int) -> int:
        """Put those of the events that no seal holds into this one; how many they were."""
        return self.waiting().order_by().filter(pk__in=ids).update(batch=batch)


class AuditEvent(models.Model):
    """One event. `request_id` is what error pages and error answers quote."""

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    event = models.CharField(_("event"), max_length=40, choices=Event.choices)
    client_id = models.CharField(_("client"), max_length=255, blank=True, default="", db_index=True)
    user_id = models.CharField(_("user"), max_length=64, blank=True, default="", db_index=True)
    actor = models.CharField(_("by"), max_length=150, blank=True, default="")
    grant_id = models.CharField(_("grant"), max_length=36, blank=True, default="", db_index=True)
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    user_agent = models.CharField(_("user agent"), max_length=255, blank=True, default="")
    request_id = models.CharField(_("request id"), max_length=36, blank=True, default="", db_index=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    # The seal that holds it (see `audit.seal`); empty until then.
    batch = models.PositiveBigIntegerField(_("seal"), null=True, blank=True, editable=False)

    objects = AuditEventManager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        permissions = [("view_event", "Can view event")]
        indexes = [
            # What the admin filters and searches by; the other columns have theirs above.
            models.Index(fields=["event", "at"], name="oauth_provider_event_at"),
            models.Index(fields=["actor", "at"], name="oauth_provider_actor_at"),
            models.Index(fields=["id"], name="oauth_provider_unsealed", condition=models.Q(batch__isnull=True)),
            models.Index(fields=["batch", "id"], name="oauth_provider_sealed", condition=models.Q(batch__isnull=False)),
            models.Index(
                fields=["client_id", "at"], name="oauth_provider_failures", condition=models.Q(event__in=FAILURES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.client_id}"
