"""AuthorizationCode: spent by one UPDATE; kept after use so that a replay is recognised (RFC 6749 §4.1.2)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider.models.client import Client
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.grant import Grant
from oauth_provider.models.prepared import Prepared, PreparedUpdate

_IS_EXPIRED: dict[str, Any] = {"is_expired": models.ExpressionWrapper(Q(expires_at__lte=Now()), models.BooleanField())}


class AuthorizationCodeManager(DecidingManager["AuthorizationCode"]):
    """Spending and explaining codes."""

    def spend(self, digest: str, *, client: Client, redirect_uri: str | None, verifier: str | None) -> bool:
        """Spend a code if everything that binds it fits; one UPDATE decides between any number of askers.

        With PKCE a missing `redirect_uri` is accepted (OAuth 2.1 §10.2), a sent one must match; without PKCE it
        must match always (RFC 6749 §4.1.3). Only columns of the row itself stand in the WHERE clause: a joined
        condition would not be looked at again after waiting for the row (PostgreSQL, READ COMMITTED).
        """
        using = self.db
        binding = {"digest": digest, "client_id": client.pk, "challenge": "" if verifier is None else s256(verifier)}
        if redirect_uri is None and verifier is not None:
            return bool(_SPEND_BY_PROOF.run(using, **binding))
        return bool(_SPEND.run(using, **binding, redirect_uri=redirect_uri or ""))

    def hold_unspent(self, grants: models.QuerySet[Grant]) -> None:
        """Let redemptions of these grants that are under way end first, and later ones wait, for this transaction.

        One UPDATE that changes nothing: what a redemption wrote is seen by the statements that follow.
        """
        self.filter(grant__in=grants, consumed_at=None).update(expires_at=F("expires_at"))

    def find(self, digest: str) -> AuthorizationCode | None:
        """The code with its grant, user and consent, spent or not; one statement, on the database written to."""
        return _FIND.first(self.db, digest=digest)


class AuthorizationCode(models.Model):
    """A code, bound to client, redirect URI and PKCE challenge."""

    digest = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="authorization_codes")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    redirect_uri = models.CharField(max_length=2000, blank=True, default="")
    code_challenge = models.CharField(max_length=128, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    consumed_at = models.DateTimeField(null=True)

    objects = AuthorizationCodeManager()

    is_expired: bool

    def __str__(self) -> str:
        return f"code of {self.grant_id}"


def _unspent(*, digest: str, client_id: int, challenge: str, **further: str) -> models.QuerySet[AuthorizationCode]:
    return AuthorizationCode.objects.filter(
        digest=digest,
        client_id=client_id,
        code_challenge=challenge,
        expires_at__gt=Now(),
        consumed_at=None,
        **further,
    )


_BINDING = {"digest": "?digest", "client_id": -1, "challenge": "?challenge"}
_SPEND = PreparedUpdate(_unspent, {"consumed_at": Now()}, {**_BINDING, "redirect_uri": "?redirect_uri"})
_SPEND_BY_PROOF = PreparedUpdate(_unspent, {"consumed_at": Now()}, _BINDING)
_FIND = Prepared(
    lambda digest: (
        AuthorizationCode.objects.select_related("grant", "grant__user", "grant__consent")
        .annotate(**_IS_EXPIRED)
        .filter(digest=digest)
    ),
    {"digest": "?digest"},
)


def s256(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii", "replace")).digest()).rstrip(b"=").decode()
