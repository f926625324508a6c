"""Alice is in three organizations and Bob in one; `notes` and `files` are about chosen ones."""

from __future__ import annotations

import pytest

from oauth_provider.models import Client, Grant
from oauth_provider.models.subject import new_sub
from oauth_provider.scopes import Scope
from oauth_provider.tokens import lifetimes
from tests.flow import Registered
from tests.orgs.models import Org

SCOPES = {
    "profile": "See your name",
    "notes": Scope("notes", "Read and write notes", targets=("organization",)),
    "everything": Scope("everything", "Everything", implies=("notes",)),
    "introspection": "Ask about tokens",
}


@pytest.fixture(autouse=True)
def _scopes(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": {**settings.OAUTH_PROVIDER["SCOPES"], **SCOPES}}


@pytest.fixture
def orgs(alice, bob) -> list[Org]:
    """Acme, Birch and Cedar are Alice's; Dahlia is Bob's alone."""
    made = [Org.objects.create(name=name) for name in ("Acme", "Birch", "Cedar", "Dahlia")]
    for org in made[:3]:
        org.members.add(alice)
    made[3].members.add(bob)
    return made


@pytest.fixture
def app(db) -> Registered:
    """A confidential client that may ask for notes."""
    client, secret = Client.objects.register(
        name="Notes for Web",
        profile="web",
        redirect_uris=["https://c.example/cb"],
        scopes=["openid", "profile", "notes", "everything", "introspection"],
        default_scopes=["notes"],
    )
    return Registered(client, secret)


@pytest.fixture
def grant_of(app):
    """`grant_of(user, targets)`: a live grant, as after a decision."""

    def make(user, targets, *, scopes=("notes",), consent=None) -> Grant:
        return Grant.objects.create(
            client=app.row,
            user=user,
            consent=consent,
            subject=new_sub(),
            scopes=list(scopes),
            targets=targets,
            expires_at=lifetimes.grant_ends(app.row),
        )

    return make
