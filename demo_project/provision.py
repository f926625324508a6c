"""What the demo needs before it can start: keys, people in organizations, notes, clients. Safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from demo_project import api_docs
from demo_project.models import Registration
from demo_project.notes.models import Membership, Note, Organization
from oauth_provider.clients.change import change
from oauth_provider.conf import conf
from oauth_provider.keys import rotation
from oauth_provider.models import Client
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_ACTOR = "demo"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A demo client and what it is registered with."""

    name: str
    label: str
    profile: Profile
    scopes: tuple[str, ...] = ()
    redirect_path: str = ""
    runs_in_browser: bool = False
    reads_tokens: bool = False
    # A page of the provider's own site.
    at_provider: bool = False

    def addresses(self, apps_origin: str) -> dict[str, Any]:
        """The arguments of a registration that carry a port, and the next start may use another one."""
        origin = conf.ISSUER if self.at_provider else apps_origin
        return {
            "redirect_uris": [f"{origin}{self.redirect_path}"] if self.redirect_path else [],
            "origins": [origin] if self.runs_in_browser else [],
            "resource_server_for": [conf.ISSUER] if self.reads_tokens else [],
        }


CLIENTS = (
    Wanted("web", "Notes on the web", Profile.WEB, ("openid", "read", "write"), redirect_path="/web/callback"),
    Wanted(
        "spa",
        "Notes in the browser",
        Profile.SPA,
        ("read",),
        redirect_path="/browser/",
        runs_in_browser=True,
    ),
    Wanted(
        api_docs.CLIENT,
        "API documentation",
        Profile.SPA,
        ("openid", "read", "write", "report"),
        redirect_path=api_docs.REDIRECT_PATH,
        runs_in_browser=True,
        at_provider=True,
    ),
    Wanted("tv", "Notes for TV", Profile.DEVICE, ("read",)),
    Wanted("machine", "Nightly report", Profile.MACHINE, ("report",)),
    Wanted("api", "Notes API", Profile.MACHINE, reads_tokens=True),
)

ORGANIZATIONS = {
    "harbour-choir": ("Harbour Choir", ("demo", "guest", "admin"), ("Rehearsal moved to Thursday", "Order new scores")),
    "allotment-society": ("Allotment Society", ("demo",), ("Buy seed potatoes", "Mend the water tap")),
}


def provide(*, apps_origin: str) -> dict[str, Registration]:
    """Make what is missing and return the clients' registrations by name."""
    rotation.ensure(actor=_ACTOR)
    people = {
        "demo": _provide_user("demo", first_name="Ada", last_name="Demo"),
        "guest": _provide_user("guest", first_name="Grace", last_name="Guest"),
        "admin": _provide_user("admin", first_name="Alex", last_name="Admin", is_staff=True, is_superuser=True),
    }
    for slug, (name, members, texts) in ORGANIZATIONS.items():
        organization, is_new = Organization.objects.get_or_create(slug=slug, defaults={"name": name})
        for member in members:
            Membership.objects.get_or_create(organization=organization, user=people[member])
        if is_new:
            Note.objects.bulk_create(
                Note(organization=organization, author=people["demo"], text=text) for text in texts
            )
    return {wanted.name: _provide_client(wanted, apps_origin=apps_origin) for wanted in CLIENTS}


def _provide_user(username: str, **columns: object) -> User:
    user, is_new = get_user_model().objects.get_or_create(username=username, defaults=columns)
    if is_new:
        user.set_password(username)
        user.save(update_fields=["password"])
    return user


def _provide_client(wanted: Wanted, *, apps_origin: str) -> Registration:
    registration = Registration.objects.filter(name=wanted.name).first()
    known = None if registration is None else Client.objects.named(registration.client_id)
    if registration is not None and known is not None:
        change(known, actor=_ACTOR, **wanted.addresses(apps_origin))
        return registration
    client, secret = Client.objects.register(
        name=wanted.label,
        profile=wanted.profile,
        scopes=wanted.scopes,
        source="command",
        actor=_ACTOR,
        **wanted.addresses(apps_origin),
    )
    registration, _ = Registration.objects.update_or_create(
        name=wanted.name, defaults={"client_id": client.client_id, "client_secret": secret or ""}
    )
    return registration
