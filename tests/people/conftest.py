"""What the pages people decide on need: scopes with groups and marks, and clients that ask for them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from oauth_provider.clients import change
from oauth_provider.models import Client
from oauth_provider.scopes import Scope
from oauth_provider.values import RegistrationSource
from tests.flow import Registered, post_form, refreshed_to

REDIRECT = "https://c.example/cb"


@pytest.fixture(autouse=True)
def _scopes(settings: Any) -> None:
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "SCOPES": {
            **settings.OAUTH_PROVIDER["SCOPES"],
            "notes:read": Scope("notes:read", "Read your notes", "All of them.", group="Notes"),
            "notes:write": Scope("notes:write", "Change your notes", group="Notes", implies=("notes:read",)),
            "notes:share": Scope("notes:share", "Share your notes", group="Notes"),
            "pay": Scope("pay", "Pay in your name", sensitive=True, group="Money"),
            "profile": Scope("profile", "See your name"),
            "email": Scope("email", "See your e-mail address"),
        },
    }


@pytest.fixture
def notes(db: None) -> Registered:
    """A client that can do without one of its scopes, and says what another is for."""
    scopes = ["openid", "profile", "email", "read", "notes:read", "notes:write", "notes:share", "pay"]
    row, secret = Client.objects.register(
        name="Notes", profile="web", redirect_uris=[REDIRECT], scopes=scopes, default_scopes=["read"]
    )
    change.change(row, optional_scopes=["notes:share"], purposes={"notes:write": "So that you can tick things off."})
    return Registered(row, secret)


@pytest.fixture
def stranger(notes: Registered) -> Registered:
    """The same, as if it had registered itself."""
    Client.objects.filter(pk=notes.row.pk).update(registration_source=RegistrationSource.DYNAMIC)
    notes.row.refresh_from_db()
    return notes


def text_of(page: Any) -> str:
    """What a page says, without its tags."""
    main = re.sub(r"</?(bdi|strong|q|time)\b[^>]*>", "", page.content.decode().split("<main", 1)[1])
    return " ".join(html.unescape(re.sub(r"^[^>]*>|<[^>]+>", " ", main)).split())


def fields_of(page: Any) -> dict[str, str]:
    """What the form of a page sends as it stands: hidden fields and ticked boxes."""
    found = {}
    for tag in re.findall(r"<input[^>]+>", page.content.decode()):
        name, value = (html.unescape(re.search(rf'{what}="([^"]*)"', tag)[1]) for what in ("name", "value"))  # type: ignore[index]
        if 'type="checkbox"' not in tag or " checked" in tag:
            found[name] = value
    found.pop("csrfmiddlewaretoken", None)
    return found


def send(browser: Any, page: Any, decision: str = "allow", *, ticks: tuple[str, ...] = (), path: str = "") -> Any:
    """Press a button of a page, with these boxes ticked beside those that are."""
    data = {**fields_of(page), **{f"scope.{scope}": "on" for scope in ticks}, "decision": decision}
    return post_form(browser, path or "/authorize/decision", data)


def go_on(browser: Any, answer: Any) -> str:
    """The address at the client that a decision leads to."""
    assert answer.status_code == 303, answer.content
    return refreshed_to(browser.get(answer["Location"]))
