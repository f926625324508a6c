"""What the demo needs before it can start: keys, two people, four clients, some notes. Safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from demo_project.notes.models import Note
from demo_project.webclient.models import Registration
from oauth_provider.conf import conf
from oauth_provider.keys import rotation
from oauth_provider.models import Client
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Wanted:
    """A demo client and what it is registered with."""

    name: str
    label: str
    profile: Profile
    scopes: tuple[str, ...] = ()
    redirect_paths: tuple[str, ...] = ()
    reads_tokens: bool = False


CLIENTS = (
    Wanted(
        "web",
        "Notes on the web",
        Profile.WEB,
        ("openid", "read", "write"),
        redirect_paths=("/demo/callback",),
    ),
    Wanted("tv", "Notes for TV", Profile.DEVICE, ("read",)),
    Wanted("machine", "Nightly report", Profile.MACHINE, ("report",)),
    Wanted("api", "Notes API", Profile.MACHINE, reads_tokens=True),
)


def provide() -> dict[str, Registration]:
    """Make what is missing and return the clients' registrations by name."""
    rotation.ensure(actor="demo")
    demo = _provide_user("demo", first_name="Ada", last_name="Demo")
    _provide_user("admin", first_name="Alex", last_name="Admin", is_staff=True, is_superuser=True)
    if not Note.objects.filter(owner=demo).exists():
        Note.objects.bulk_create([Note(owner=demo, text="Buy oat milk"), Note(owner=demo, text="Call the plumber")])
    return {wanted.name: _provide_client(wanted) for wanted in CLIENTS}


def _provide_user(username: str, **columns: object) -> User:
    user, is_new = get_user_model().objects.get_or_create(username=username, defaults=columns)
    if is_new:
        user.set_password(username)
        user.save(update_fields=["password"])
    return user


def _provide_client(wanted: Wanted) -> Registration:
    registration = Registration.objects.filter(name=wanted.name).first()
    if registration is None or Client.objects.named(registration.client_id) is None:
        client, secret = Client.objects.register(
            name=wanted.label,
            profile=wanted.profile,
            redirect_uris=[f"{conf.ISSUER}{path}" for path in wanted.redirect_paths],
            scopes=wanted.scopes,
            source="command",
            actor="demo",
        )
        registration, _ = Registration.objects.update_or_create(
            name=wanted.name, defaults={"client_id": client.client_id, "client_secret": secret or ""}
        )
    if wanted.reads_tokens:
        # The issuer carries the port, and the next start may use another one.
        named = Client.objects.filter(application__client_id=registration.client_id)
        named.update(resource_server_for=[conf.ISSUER])
    return registration
