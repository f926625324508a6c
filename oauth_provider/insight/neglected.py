"""What wants looking after: clients nobody uses, clients nobody answers for, keys that grow old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from oauth_provider.conf import conf
from oauth_provider.models import Client, ClientOwner, SigningKey
from oauth_provider.values import ClientStatus, KeyState

if TYPE_CHECKING:
    from django.db.models import QuerySet

UNUSED_DAYS = 90
# A client that was never used is given so long to start.
NEW_DAYS = 30
SHOWN = 20


@dataclass(frozen=True, slots=True)
class ShownClient:
    """A client in a list of these."""

    pk: int
    client_id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Neglected:
    """How many clients there are of a kind, and the first of them."""

    number: int
    shown: tuple[ShownClient, ...]


@dataclass(frozen=True, slots=True)
class KeyAge:
    """The key that signs with an algorithm: since when, when the next one is due, and since when that is published."""

    alg: str
    kid: str
    signing_since: datetime
    due_at: datetime
    next_published_at: datetime | None

    def is_overdue(self, *, at: datetime) -> bool:
        """Whether the key signs longer than KEY_ROTATION_LIFETIME."""
        return at > self.due_at


def unused() -> Neglected:
    """Clients without use for 90 days, or never used and older than 30; archived ones are none. Two statements.

    None where LAST_USED_SECONDS is 0: no use is noted there.
    """
    if not conf.LAST_USED_SECONDS:
        return Neglected(0, ())
    now = timezone.now()
    return _neglected(
        _standing()
        .filter(
            Q(last_used_at__lt=now - timedelta(days=UNUSED_DAYS))
            | Q(last_used_at=None, created_at__lt=now - timedelta(days=NEW_DAYS))
        )
        .order_by(F("last_used_at").asc(nulls_first=True), "created_at", "pk")
    )


def without_owner() -> Neglected:
    """Clients with no owner who is there: no active user, no group with an active member. Two statements.

    Unconfirmed registrations are left out: nobody owns one, and they go by themselves.
    """
    rows = _standing().filter(unconfirmed_until=None)
    for owned in _owned():
        rows = rows.exclude(Exists(owned.filter(client=OuterRef("pk"))))
    return _neglected(rows.order_by("created_at", "pk"))


def has_owner(client: Client) -> bool:
    """Whether somebody who is there answers for the client; one statement."""
    by_user, by_group = (owned.filter(client=client).values("pk") for owned in _owned())
    return by_user.union(by_group, all=True).exists()


def key_ages() -> tuple[KeyAge, ...]:
    """The key that signs, for each algorithm; one statement."""
    keys = list(SigningKey.objects.filter(state__in=(KeyState.ACTIVE, KeyState.NEXT)).order_by("alg"))
    following = {key.alg: key.created_at for key in keys if key.state == KeyState.NEXT}
    return tuple(
        KeyAge(
            alg=key.alg,
            kid=key.kid,
            signing_since=key.activated_at or key.created_at,
            due_at=(key.activated_at or key.created_at) + timedelta(seconds=conf.KEY_ROTATION_LIFETIME),
            next_published_at=following.get(key.alg),
        )
        for key in keys
        if key.state == KeyState.ACTIVE
    )


def _standing() -> QuerySet[Client]:
    return Client.objects.exclude(status=ClientStatus.ARCHIVED)


def _owned() -> tuple[QuerySet[ClientOwner], QuerySet[ClientOwner]]:
    """Ownerships of active users, and of groups with an active member, for any user model."""
    fields: dict[str, Any] = {field.name: field for field in get_user_model()._meta.get_fields()}
    active: dict[str, Any] = {"is_active": True} if "is_active" in fields else {}
    rows = ClientOwner.objects.all()
    by_user = rows.filter(user__isnull=False, **{f"user__{name}": value for name, value in active.items()})
    if "groups" not in fields:
        return by_user, rows.none()
    member = f"group__{fields['groups'].related_query_name()}"
    conditions = {f"{member}__{name}": value for name, value in active.items()}
    return by_user, rows.filter(**{f"{member}__isnull": False, **conditions})


def _neglected(rows: QuerySet[Client]) -> Neglected:
    first = rows.values_list("pk", "application__client_id", "application__name", "created_at", "last_used_at")[:SHOWN]
    return Neglected(
        rows.count(),
        tuple(
            ShownClient(pk=pk, client_id=client_id, name=name or client_id, created_at=created, last_used_at=used)
            for pk, client_id, name, created, used in first
        ),
    )
