"""Clients in every state, with what hangs on them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from oauth_provider.clients import approval, owners, secrets
from oauth_provider.models import AuditEvent, Client, ClientSecret, Consent, Grant
from oauth_provider.values import ClientStatus, Event, Source

PEOPLE = 60


def is_employee(*, client: Any, user: Any) -> bool:
    """A function of the site, for who may use a client."""
    del client
    return bool(user.is_staff)


def provide() -> None:
    """Everything the pictures show."""
    people = get_user_model()
    if not people.objects.filter(username="root").exists():
        people.objects.create_superuser("root", "root@people.example", "root-password")
    looker = people.objects.create_user("looker", "looker@people.example", "looker-password", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_client"))
    Group.objects.bulk_create([Group(name="Payments team"), Group(name="Platform team")])
    users = people.objects.bulk_create([people(username=f"person{number}") for number in range(PEOPLE)])
    payroll = _payroll()
    _let_in(payroll, users)
    owners.replace(payroll, [people.objects.get(username="alice"), Group.objects.get(name="Payments team")])
    _old()
    # With one declared resource, tokens are for that one.
    Client.objects.filter(application__name="Notes API").update(resource_server_for=["*"])
    Client.objects.register(name="Nightly export", profile="machine", scopes=["read"], default_scopes=["read"])
    draft = {"profile": "web", "redirect_uris": ["https://draft.example/cb"], "scopes": ["read"]}
    Client.objects.register(name="A draft", status=ClientStatus.DRAFT, **draft)
    submitted, _secret = Client.objects.register(name="Waits for approval", status=ClientStatus.DRAFT, **draft)
    approval.submit(submitted, ["read", "write"], actor="alice")
    Client.objects.register(name="Was suspended", **draft)[0].suspend()
    archived, _secret = Client.objects.register(name="Was archived", **draft)
    archived.archive()
    ClientSecret.objects.filter(client__application__name="Nightly report").update(
        last_used_at=timezone.now() - timedelta(hours=9), expires_at=timezone.now() + timedelta(days=6)
    )
    Client.objects.filter(application__name="Nightly report").update(last_used_at=timezone.now() - timedelta(hours=9))


def _payroll() -> Client:
    """Its secret is being replaced: the old one was used four minutes ago, the new one is not deployed yet."""
    now = timezone.now()
    payroll, _secret = Client.objects.register(
        name="Payroll",
        profile="web",
        redirect_uris=["https://payroll.example/callback", "https://staging.payroll.example/callback"],
        scopes=["read", "write"],
        default_scopes=["read"],
        origins=["https://payroll.example"],
        resources=["https://payments.example/api"],
        settings={"policy_uri": "https://payroll.example/privacy", "contacts": ["payroll@people.example"]},
    )
    Client.objects.filter(pk=payroll.pk).update(
        created_at=now - timedelta(days=400), last_used_at=now - timedelta(minutes=4)
    )
    old = ClientSecret.objects.filter(client=payroll)
    old.update(
        created_at=now - timedelta(days=400),
        last_used_at=now - timedelta(minutes=4),
        last_used_address="203.0.113.7",
        expires_at=now + timedelta(days=6),
    )
    secrets.add(payroll, expires_at=now + timedelta(days=365), actor="alice")
    gone, _value = secrets.add(payroll, actor="alice")
    ClientSecret.objects.filter(pk=gone.pk).update(created_at=now - timedelta(days=800))
    gone.revoke()
    payroll.refresh_from_db()
    return payroll


def _let_in(client: Client, users: list[Any]) -> None:
    now, dice = timezone.now(), random.Random(1)
    for number, user in enumerate(users):
        consent = Consent.objects.create(user=user, client=client, scopes=["read"])
        Grant.objects.create(
            client=client,
            user=user,
            consent=consent,
            subject=f"u_{number}",
            scopes=["read", "write"] if number % 3 else ["read"],
            grant_type="urn:ietf:params:oauth:grant-type:device_code" if number % 20 == 3 else "authorization_code",
            sid=f"{dice.getrandbits(128):032x}",
            created_at=now - timedelta(hours=number * 7),
            last_used_at=now - timedelta(minutes=number * 11) if number % 4 else None,
            expires_at=now + timedelta(days=90 - number),
        )
    source = Source(address="203.0.113.7", request_id="6f1c2e0a-0000-4000-8000-000000000000")
    AuditEvent.objects.record(
        Event.TOKEN_REFUSED, client=client, source=source, detail={"error": "invalid_grant", "why": "code already used"}
    )
    AuditEvent.objects.record(Event.TOKEN_ISSUED, client=client, user=users[0], source=source)
    AuditEvent.objects.record(
        Event.CLIENT_CHANGED, client=client, actor="alice", source=source, detail={"fields": ["name", "scopes"]}
    )


def _old() -> None:
    """As the migration leaves a client of django-oauth-toolkit."""
    old, _secret = Client.objects.register(
        name="Old intranet", profile="web", redirect_uris=["https://intranet.example/cb"], scopes=["read"]
    )
    Client.objects.filter(pk=old.pk).update(
        profile="imported", registration_source="dot", require_pkce=False, allowed_scopes=["*"], token_format="opaque"
    )
    Client.objects.get(pk=old.pk).set_redirect_uris(["https://intranet.example/cb", "http://intranet.example/cb"])
