"""What a person chose on the page: optional permissions ticked or left out, and a second yes where one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider import scopes as known_scopes
from oauth_provider.clients import profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oauth_provider.models import Client, Consent

# Fields of the form: one for each optional permission, and the yes of the second page.
TICK = "scope."
SURE = "sure"
# In the address of a page that is shown again: with the choice made on it, and because nothing was chosen.
AGAIN = "chosen_again"
NOTHING = "nothing_chosen"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form said: the optional permissions that were ticked, and whether the second page was read."""

    ticked: frozenset[str] = frozenset()
    is_sure: bool = False


def read(form: Mapping[str, str]) -> Choice:
    """The choice of a form; fields of other names are none of its business."""
    ticked = frozenset(name.removeprefix(TICK) for name, value in form.items() if name.startswith(TICK) and value)
    return Choice(ticked, is_sure=form.get(SURE) == "yes")


def is_used(name: str) -> bool:
    """Whether a parameter is one of a page where permissions are chosen."""
    return name.startswith(TICK) or name in {NOTHING, AGAIN}


def fields(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same choice as hidden fields of another page."""
    return [(f"{TICK}{scope}", "on") for scope in sorted(read(sent).ticked)]


def again(sent: Mapping[str, str]) -> dict[str, str]:
    """The same choice in the address of the page that is shown again, also when nothing was ticked."""
    return {**dict(fields(sent)), AGAIN: "yes"}


def optional(client: Client, scopes: Iterable[str]) -> list[str]:
    """Those of these scopes that may be left out: only what the client declared so, so that no client loops."""
    return [scope for scope in scopes if scope in client.optional_scopes]


def chosen(client: Client, scopes: Iterable[str], choice: Choice) -> tuple[str, ...]:
    """The scopes that are allowed by this choice, in the order asked for."""
    return tuple(scope for scope in scopes if scope not in client.optional_scopes or scope in choice.ticked)


def is_ticked(consent: Consent | None, scope: str) -> bool:
    """Whether an optional permission is ticked when the page opens: only one that was allowed before (least scope)."""
    return consent is not None and scope in consent.scopes


def asks_twice(client: Client, scopes: Iterable[str]) -> bool:
    """Whether a second page asks again: sensitive permissions for an app that nobody here has checked."""
    return profiles.is_self_registered(client) and bool(known_scopes.sensitive(scopes))
