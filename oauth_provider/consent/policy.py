"""When a person must be asked. A "no" is returned with its reason; it is not an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.clients import profiles
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from oauth_provider.models import Client, Consent


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person need not be asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The person must be asked."""

    reason: str


def decide(
    client: Client, consent: Consent | None, *, scopes: tuple[str, ...], prompts: frozenset[str]
) -> Allowed | Refused:
    """Whether this request may be answered without asking (AS23)."""
    if prompts & {"consent", "select_account"}:
        return Refused("the client asks for the page")
    if not profiles.is_assured(client):
        return Refused("the client's identity is not assured: public with a local redirect, or self-registered")
    chosen = targets.load({} if consent is None else consent.targets)
    if not all(chosen.get(kind) for kind in known_scopes.targets_of(scopes)):
        return Refused("objects are to be chosen, and never were")
    if client.first_party:
        return Allowed("the app belongs to this site")
    if consent is None:
        return Refused("never asked before")
    if not consent.covers(scopes, at=timezone.now()):
        return Refused("more is asked than before, or the answer is too old")
    return Allowed("remembered")


def remembered_until(client: Client) -> datetime | None:
    """Until when an answer given now is remembered; None for a client whose identity is not assured."""
    if not profiles.is_assured(client):
        return None
    return timezone.now() + timedelta(seconds=conf.CONSENT_LIFETIME)
