"""Grant: one authorization event, and with it the family of every token that follows from it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from oauth_provider.models.client import Client
from oauth_provider.models.consent import Consent
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.values import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser


# In the database too, so that the release before this one can still write rows.
_EMPTY_OBJECT = Value({}, output_field=models.JSONField())
_EMPTY_LIST = Value([], output_field=models.JSONField())


def _without(claims: Mapping[str, Any], scopes: frozenset[str]) -> dict[str, Any]:
    """What was asked for claim by claim (`claims/requested.py`), less what these scopes give."""
    return {
        place: {name: how for name, how in wishes.items() if how["scope"] not in scopes}
        for place, wishes in claims.items()
    }


class GrantManager(DecidingManager["Grant"]):
    """State changes of many grants at once, each one statement."""

    def revoke_of(self, user: AbstractBaseUser, *, reason: str) -> int:
        """End every grant of a user; how many there were."""
        return self.filter(user_id=user.pk, revoked_at=None).update(revoked_at=Now(), revoked_reason=reason)

    def revoke_between(self, user_id: Any, client: Client, *, reason: str) -> int:
        """End every grant of a user to one client; how many there were."""
        return self.filter(user_id=user_id, client=client, revoked_at=None).update(
            revoked_at=Now(), revoked_reason=reason
        )

    def revoke_with_sessions(self, reach: Reach, *, reason: str, **whose: Any) -> int:
        """End the grants that end with these sessions; how many there were.

        Always those whose code the client has not redeemed yet: it would learn of a session that is over.
        """
        rows = self.filter(**whose, revoked_at=None)
        if reach is not Reach.ALL_TOKENS:
            waits = rows.exclude(sid="").filter(
                authorization_codes__isnull=False, authorization_codes__consumed_at=None
            )
            over = models.Q(pk__in=waits.values("pk"))
            rows = rows.filter(over | models.Q(ends_with_session=True) if reach is Reach.SESSION_TOKENS else over)
        return rows.update(revoked_at=Now(), revoked_reason=reason)

    def alive_of(self, user: AbstractBaseUser) -> models.QuerySet[Grant]:
        """The grants of a user that can still be used."""
        return self.filter(user_id=user.pk, revoked_at=None, expires_at__gt=Now())

    def has_another(self, grant: Grant) -> bool:
        """Whether the client has one more live grant of the same session."""
        return self.filter(sid=grant.sid, client_id=grant.client_id, revoked_at=None, expires_at__gt=Now()).exists()

    def leave_out(self, user_id: Any, client: Client, scopes: frozenset[str]) -> int:
        """Take these permissions out of every grant of a user to one client; how many grants had one.

        A grant that is left without any has ended.
        The first UPDATE is the lock: a refresh that is under way has read the old permissions, its tokens are held
        against the new ones; a later one waits and reads the new ones.
        """
        rows = self.filter(user_id=user_id, client=client, revoked_at=None)
        rows.update(revoked_at=None)
        kept: dict[tuple[str, ...], list[uuid.UUID]] = {}
        for pk, granted, claims in rows.values_list("pk", "scopes", "claims"):
            if scopes & set(granted):
                kept.setdefault(tuple(scope for scope in granted if scope not in scopes), []).append(pk)
            if claims != (left := _without(claims, scopes)):
                self.filter(pk=pk).update(claims=left)
        ended = {"revoked_at": Now(), "revoked_reason": "permission_left_out"}
        return sum(
            self.filter(pk__in=keys).update(**({"scopes": list(left)} if left else ended))
            for left, keys in kept.items()
        )

    def hold_between(self, user_id: Any, client: Client) -> int:
        """Lock the live grants of a user to one client until the transaction ends; how many. One UPDATE."""
        return self.filter(user_id=user_id, client=client, revoked_at=None).update(last_used_at=F("last_used_at"))


class Grant(models.Model):
    """What one person allowed one client at one moment. Revoking it ends every token of the family."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.SET_NULL, null=True, blank=True, related_name="grants")
    subject = models.CharField(_("subject"), max_length=255)
    scopes = models.JSONField(_("permissions"), default=list)
    resources = models.JSONField(_("resources"), default=list, blank=True)
    # Kind of object → keys, as `targets.py` writes them; empty: no permission of it is about chosen objects.
    targets = models.JSONField(_("objects"), default=dict, db_default=_EMPTY_OBJECT, blank=True)
    auth_time = models.DateTimeField(_("signed in at"), null=True, blank=True)
    # How the person signed in, as the site says it (OpenID Connect Core §2).
    acr = models.CharField(max_length=255, blank=True, default="", db_default="", editable=False)
    amr = models.JSONField(default=list, db_default=_EMPTY_LIST, blank=True, editable=False)
    sid = models.CharField(_("session"), max_length=64, blank=True, default="")
    # A sign-in without `offline_access`: over when the person signs out (OpenID Connect Back-Channel Logout §2.7).
    ends_with_session = models.BooleanField(default=False, db_default=False, editable=False)
    # What the `claims` parameter asked for and may be given, as `claims/requested.py` writes it.
    claims = models.JSONField(default=dict, db_default=_EMPTY_OBJECT, blank=True, editable=False)
    # The flow it came by; empty for grants made before this was kept.
    grant_type = models.CharField(_("flow"), max_length=64, blank=True, default="", db_default="", editable=False)
    nonce = models.CharField(max_length=512, blank=True, default="")
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False, db_index=True)
    expires_at = models.DateTimeField(_("ends"), db_index=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_address = models.CharField(_("last used from"), max_length=45, blank=True, default="", db_default="")
    # Of the browser that allowed it, or of the device that asked.
    user_agent = models.CharField(_("browser or device"), max_length=255, blank=True, default="", db_default="")
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.CharField(_("why"), max_length=64, blank=True, default="")

    objects = GrantManager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        permissions = [("revoke_grant", "Can revoke grant")]
        indexes = [
            models.Index(
                fields=["client", "expires_at"],
                name="oauth_provider_live_grants",
                condition=models.Q(revoked_at__isnull=True),
            ),
            models.Index(
                fields=["sid"],
                name="oauth_provider_grants_session",
                condition=models.Q(revoked_at__isnull=True) & ~models.Q(sid=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def narrow(self, targets: Mapping[str, object]) -> None:
        """Keep fewer objects than before; the caller holds the row and has made sure of it."""
        self.targets = dict(targets)
        Grant.objects.filter(pk=self.pk).update(targets=self.targets)

    def revoke(self, *, reason: str) -> bool:
        """End the whole family; whether it was alive until now."""
        ended = Grant.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=Now(), revoked_reason=reason)
        self.revoked_reason = reason
        self.revoked_at = timezone.now()
        return bool(ended)
