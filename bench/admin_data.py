"""A site that has been running for two years, for the lists of the admin: many clients, people, grants and events.

The rows are the same each time (one seed). Some clients are large, as in life: every third grant is of the first one.
"""

from __future__ import annotations

import random
import secrets
import uuid
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from oauth_provider import credentials
from oauth_provider.keys import rotation
from oauth_provider.models import AuditEvent, Client, ClientOwner, ClientSecret, Consent, Grant
from oauth_provider.models.application import application_model
from oauth_provider.values import ClientStatus, Event, GrantType, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.db.models import Model

BATCH = 5_000
PEOPLE = 100_000
STAFF = "bench-admin"
_PROFILES = (Profile.WEB, Profile.SPA, Profile.NATIVE, Profile.MACHINE, Profile.DEVICE)
_WORDS = ("Notes", "Calendar", "Report", "Reader", "Backup", "Board", "Sync", "Mail", "Photos", "Budget")
_REFUSALS = (
    (Event.CLIENT_AUTHENTICATION_FAILED, {"cause": "no secret of the client has this value", "method": ""}),
    (Event.TOKEN_REFUSED, {"grant_type": "refresh_token", "error": "invalid_grant", "cause": "expired"}),
    (Event.TOKEN_REFUSED, {"grant_type": "authorization_code", "error": "invalid_scope", "cause": "unknown"}),
    (Event.AUTHORIZATION_REFUSED, {"error": "access_denied", "cause": "denied"}),
    (Event.REUSE_DETECTED, {"what": "refresh_token", "seconds_after_first_use": 3600.0}),
)


def make(*, clients: int, grants: int, consents: int, events: int, say: Callable[[str], object]) -> None:
    """Fill an empty database; what is there stays, so that a second run only adds."""
    chance = random.Random(20)  # noqa: S311  # the same rows each time, no secret
    now = timezone.now()
    rotation.ensure()
    people = _people(now)
    say(f"{len(people):,} people")
    rows = _clients(clients, chance=chance, now=now)
    say(f"{len(rows):,} clients")
    ClientOwner.objects.bulk_create(
        [ClientOwner(client_id=row.pk, user_id=chance.choice(people)) for row in rows if _happens(chance, 0.9)], BATCH
    )
    with_secret = [row for row in rows if row.auth_method != "none"]
    ClientSecret.objects.bulk_create([_secret(row, chance=chance, now=now) for row in with_secret], BATCH)
    say(f"{len(with_secret):,} secrets, an owner for nine of ten clients")
    weights = [1 / (rank + 1) ** 1.05 for rank in range(len(rows))]
    # Every third grant is of the first client.
    weights[0] = sum(weights[1:]) / 2
    _fill(Consent, _consents(consents, rows, people, chance=chance, now=now), say=say)
    _fill(Grant, _grants(grants, rows, people, weights, chance=chance, now=now), say=say)
    _fill(AuditEvent, _events(events, rows, people, weights, chance=chance, now=now), say=say)
    with connection.cursor() as cursor:
        # What autovacuum does within minutes on a site that is left alone.
        cursor.execute("VACUUM ANALYZE")
    say("vacuumed and analysed")


def _people(now: datetime) -> list[Any]:
    user = get_user_model()
    unusable = make_password(None)
    if not user._default_manager.filter(username="person-1").exists():
        rows = (
            user(username=f"person-{number}", email=f"person-{number}@people.example", password=unusable)
            for number in range(1, PEOPLE + 1)
        )
        _store(user, rows)
    if not user._default_manager.filter(username=STAFF).exists():
        user(username=STAFF, is_staff=True, is_superuser=True, password=unusable, last_login=now).save()
    return list(user._default_manager.filter(username__startswith="person-").values_list("pk", flat=True))


def _clients(number: int, *, chance: random.Random, now: datetime) -> list[Client]:
    # One hash for all: django-oauth-toolkit would hash each value that is none, a quarter of a second a client.
    unusable = make_password(secrets.token_urlsafe(48))
    start = Client.objects.count()
    applications = application_model().objects.bulk_create(
        [
            application_model()(
                client_id=f"c_bench{start + index:08d}",
                name=f"{chance.choice(_WORDS)} for {chance.choice(_WORDS)} {start + index}",
                redirect_uris=f"https://app{start + index}.example/callback",
                client_type="confidential",
                authorization_grant_type="authorization-code",
                client_secret=unusable,
            )
            for index in range(number)
        ],
        BATCH,
    )
    return Client.objects.bulk_create(
        [_client(application, chance=chance, now=now) for application in applications], BATCH
    )


def _client(application: Any, *, chance: random.Random, now: datetime) -> Client:
    profile = chance.choice(_PROFILES)
    used = now - timedelta(days=chance.expovariate(1 / 40)) if _happens(chance, 0.9) else None
    return Client(
        application=application,
        profile=profile,
        status=ClientStatus.ACTIVE if _happens(chance, 0.97) else ClientStatus.SUSPENDED,
        grant_types=[GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN],
        response_types=["code"],
        auth_method="" if profile in {Profile.WEB, Profile.MACHINE} else "none",
        allowed_scopes=["profile", "read"],
        default_scopes=["read"],
        created_at=now - timedelta(days=chance.uniform(0, 700)),
        last_used_at=used,
    )


def _secret(client: Client, *, chance: random.Random, now: datetime) -> ClientSecret:
    value = credentials.make(credentials.Kind.CLIENT_SECRET)
    return ClientSecret(
        client_id=client.pk,
        digest=credentials.digest(value),
        hint=value[-4:],
        expires_at=now + timedelta(days=chance.uniform(1, 400)) if _happens(chance, 0.5) else None,
    )


def _consents(
    number: int, clients: list[Client], people: list[Any], *, chance: random.Random, now: datetime
) -> Iterator[Consent]:
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < number:
        pairs.add((chance.randrange(len(people)), min(int(chance.expovariate(1 / 900)), len(clients) - 1)))
    for index, (person, client) in enumerate(pairs):
        since = now - timedelta(days=700) * (1 - index / number)
        yield Consent(
            user_id=people[person],
            client_id=clients[client].pk,
            scopes=["profile", "read"],
            created_at=since,
            updated_at=since,
            remembered_until=now + timedelta(days=365),
            revoked_at=since + timedelta(days=1) if _happens(chance, 0.1) else None,
        )


def _grants(
    number: int,
    clients: list[Client],
    people: list[Any],
    weights: list[float],
    *,
    chance: random.Random,
    now: datetime,
) -> Iterator[Grant]:
    chosen = chance.choices(range(len(clients)), weights, k=number)
    for index, client in enumerate(chosen):
        # Half of them older than what is remembered by default: those have expired.
        since = now - timedelta(days=180) * (1 - index / number)
        ended = _happens(chance, 0.15)
        yield Grant(
            id=uuid.UUID(int=chance.getrandbits(128), version=4),
            client_id=clients[client].pk,
            user_id=chance.choice(people),
            subject=f"u_{chance.getrandbits(64):016x}",
            scopes=["profile", "read"],
            auth_time=since,
            grant_type=GrantType.AUTHORIZATION_CODE,
            created_at=since,
            expires_at=since + timedelta(days=90),
            last_used_at=since + timedelta(hours=chance.uniform(0, 40)),
            revoked_at=since + timedelta(hours=1) if ended else None,
            revoked_reason="withdrawn_by_user" if ended else "",
        )


def _events(
    number: int,
    clients: list[Client],
    people: list[Any],
    weights: list[float],
    *,
    chance: random.Random,
    now: datetime,
) -> Iterator[AuditEvent]:
    chosen = chance.choices(range(len(clients)), weights, k=number)
    for index, client in enumerate(chosen):
        if _happens(chance, 0.93):
            event, detail = Event.TOKEN_ISSUED, {"grant_type": _grant_type(chance), "scopes": ["profile", "read"]}
        else:
            event, detail = chance.choice(_REFUSALS)
        yield AuditEvent(
            at=now - timedelta(days=30) * (1 - index / number),
            event=event,
            client_id=clients[client].client_id,
            user_id=str(chance.choice(people)),
            grant_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            address=f"203.0.113.{chance.randrange(256)}",
            user_agent="Mozilla/5.0",
            request_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            detail=detail,
        )


def _happens(chance: random.Random, part: float) -> bool:
    return chance.random() < part


def _grant_type(chance: random.Random) -> str:
    return chance.choices(
        [GrantType.REFRESH_TOKEN.value, GrantType.CLIENT_CREDENTIALS.value, GrantType.AUTHORIZATION_CODE.value],
        [60, 30, 10],
    )[0]


def _fill(model: type[Model], rows: Iterable[Any], *, say: Callable[[str], object]) -> None:
    say(f"{_store(model, rows):,} {model._meta.verbose_name_plural}")


def _store(model: type[Model], rows: Iterable[Any]) -> int:
    source, stored = iter(rows), 0
    while batch := list(islice(source, BATCH)):
        with transaction.atomic():
            model._base_manager.bulk_create(batch)
        stored += len(batch)
    return stored
