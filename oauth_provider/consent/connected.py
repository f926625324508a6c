"""Connected apps: one for each client that has something of a person, whatever its tokens are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min

from oauth_provider.models import Client, Consent, Grant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

MOST_PLACES = 50


@dataclass(frozen=True, slots=True)
class App:
    """What one app has: a standing answer, live grants, or both.

    `places` counts the live grants, `grants` are the ones used last; the list of all apps goes without them.
    """

    client: Client
    consent: Consent | None
    scopes: tuple[str, ...]
    since: datetime
    places: int = 0
    last_used_at: datetime | None = None
    last_used_address: str = ""
    grants: tuple[Grant, ...] = ()


def apps_of(user: AbstractBaseUser) -> list[App]:
    """Every app of a person, the one used last first; three statements, however many there are."""
    consents = {consent.client_id: consent for consent in Consent.objects.standing(user)}
    used = _used(Grant.objects.alive_of(user))
    clients = Client.objects.select_related("application").filter(pk__in={*consents, *used})
    apps = [_app(client, consents.get(client.pk), used.get(client.pk, [])) for client in clients]
    return sorted(apps, key=lambda app: (app.last_used_at or app.since, app.client.pk), reverse=True)


def app_of(user: AbstractBaseUser, client_pk: int) -> App | None:
    """One app with its live grants, or None when it has nothing of this person; four statements."""
    consent = Consent.objects.standing(user).filter(client_id=client_pk).first()
    alive = Grant.objects.alive_of(user).filter(client_id=client_pk)
    used = _used(alive).get(client_pk, [])
    if consent is None and not used:
        return None
    client = Client.objects.select_related("application").filter(pk=client_pk).first()
    if client is None:  # deleted since
        return None
    grants = tuple(alive.order_by("-last_used_at", "-created_at")[:MOST_PLACES])
    return _app(client, consent, used, grants=grants)


def _used(alive: Any) -> dict[int, list[dict[str, Any]]]:
    """Live grants by client, taken together where permissions and address are the same."""
    rows = alive.order_by().values("client_id", "scopes", "last_used_address")
    by_client: dict[int, list[dict[str, Any]]] = {}
    for row in rows.annotate(places=Count("pk"), last=Max("last_used_at"), first=Min("created_at")):
        by_client.setdefault(row["client_id"], []).append(row)
    return by_client


def _app(client: Client, consent: Consent | None, used: list[dict[str, Any]], *, grants: tuple[Grant, ...] = ()) -> App:
    last = max(used, key=lambda row: row["last"] or row["first"], default=None)
    begun = [row["first"] for row in used] + ([consent.created_at] if consent is not None else [])
    return App(
        client=client,
        consent=consent,
        scopes=_together([consent.scopes] if consent is not None else [], [row["scopes"] for row in used]),
        since=min(begun),
        places=sum(row["places"] for row in used),
        last_used_at=last["last"] or last["first"] if last is not None else None,
        last_used_address=last["last_used_address"] if last is not None else "",
        grants=grants,
    )


def _together(*lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope for several in lists for scopes in several for scope in scopes))
