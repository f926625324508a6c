"""RefreshToken: rotated at each use; a lost answer gets the same successor, a replay ends the family."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.models.client import Client
from oauth_provider.models.clock import DATABASE_NOW
from oauth_provider.models.deciding import DecidingManager
from oauth_provider.models.grant import Grant
from oauth_provider.models.prepared import Prepared, PreparedUpdate

if TYPE_CHECKING:
    from datetime import datetime


class RefreshTokenManager(DecidingManager["RefreshToken"]):
    """Makes first tokens and successors."""

    def start(self, grant: Grant, client: Client, *, expires_at: datetime) -> str:
        """Store the first refresh token of a grant and return its value."""
        value = credentials.make(credentials.Kind.REFRESH_TOKEN)
        self.create(digest=credentials.digest(value), grant=grant, client=client, expires_at=expires_at)
        return value

    def lock_family(self, digest: str, client: Client, *, address: str) -> bool:
        """Take the family of a refresh token for this transaction; whether it is alive.

        The UPDATE is the lock, on SQLite and PostgreSQL alike: a concurrent refresh waits here. It also says when,
        and from where, the grant was last used.
        """
        return bool(_LOCK_FAMILY.run(Grant.objects.db, digest=digest, client_id=client.pk, address=address))

    def find(self, digest: str, client: Client) -> RefreshToken | None:
        """The token with its successor, grant and user, and the database's time; one statement."""
        row = _FIND.first(self.db, digest=digest)
        return row if row is not None and row.client_id == client.pk else None


class RefreshToken(models.Model):
    """One refresh token. `successor_nonce` stands in the *successor's* row and is erased at its first use:
    neither the database nor the key alone, nor both, give a live token after that.
    """

    digest = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="refresh_tokens")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    # Unique: a token has one successor, whatever the parallelism. The last line of defence (R3).
    predecessor = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="successor")
    derivation_nonce = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    rotated_at = models.DateTimeField(null=True)

    objects = RefreshTokenManager()

    database_now: datetime

    def __str__(self) -> str:
        return f"refresh token of {self.grant_id}"

    def rotate(self) -> bool:
        """Spend this token and erase what it could be derived from; whether this call spent it."""
        return bool(_ROTATE.run(RefreshToken.objects.db, pk=self.pk))

    def make_successor(self, presented: str, *, expires_at: datetime) -> str:
        """Store the one successor, derived from the presented value, and return its value."""
        nonce = secrets.token_hex(32)
        value = credentials.derive(credentials.Kind.REFRESH_TOKEN, "successor", presented, nonce)
        RefreshToken.objects.create(
            digest=credentials.digest(value),
            grant=self.grant,
            client_id=self.client_id,
            predecessor=self,
            derivation_nonce=nonce,
            expires_at=expires_at,
        )
        return value

    def unused_successor(self, presented: str) -> str | None:
        """The value of the successor while nobody has used it, derived again; None afterwards.

        None too when SECRET_KEY was replaced without leaving the old one in SECRET_KEY_FALLBACKS.
        """
        successor: RefreshToken | None = getattr(self, "successor", None)
        if successor is None or successor.rotated_at is not None or not successor.derivation_nonce:
            return None
        candidates = credentials.derive_all(
            credentials.Kind.REFRESH_TOKEN, "successor", presented, successor.derivation_nonce
        )
        return next((value for value in candidates if credentials.digest(value) == successor.digest), None)


_FIND = Prepared(
    lambda digest: (
        RefreshToken.objects.select_related("grant", "grant__user", "successor")
        .annotate(**DATABASE_NOW)
        .filter(digest=digest)
    ),
    {"digest": "?digest"},
)
_LOCK_FAMILY = PreparedUpdate(
    lambda digest, client_id, **_: Grant.objects.filter(
        id__in=RefreshToken.objects.filter(digest=digest, client_id=client_id).values("grant_id"), revoked_at=None
    ),
    {"last_used_at": Now(), "last_used_address": "?address"},
    {"digest": "?digest", "client_id": -1, "address": "?address"},
)
_ROTATE = PreparedUpdate(
    lambda pk: RefreshToken.objects.filter(pk=pk, rotated_at=None),
    {"rotated_at": Now(), "derivation_nonce": ""},
    {"pk": -1},
)
