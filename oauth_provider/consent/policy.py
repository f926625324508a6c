"""When a person must be asked. A "no" is returned with its reason; it is not an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_noop

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.clients import profiles
from oauth_provider.conf import conf
from oauth_provider.consent import choice

if TYPE_CHECKING:
    from oauth_provider.models import Client, Consent


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person need not be asked; `scopes` are what they allow, without what they once left out.

    `consent` is the answer that this rests on, and ends with; none for an app of this site, which is not asked about.
    `reason` is for the operator, in English, and marked for translation.
    """

    reason: str
    scopes: tuple[str, ...]
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The person must be asked."""

    reason: str


def decide(
    client: Client, consent: Consent | None, *, scopes: tuple[str, ...], prompts: frozenset[str]
) -> Allowed | Refused:
    """Whether this request may be answered without asking (AS23)."""
    if prompts & {"consent", "select_account"}:
        return Refused(gettext_noop("the client asks for the page"))
    if not profiles.is_assured(client):
        return Refused(
            gettext_noop("the client's identity is not assured: public with a local redirect, or self-registered")
        )
    if client.first_party:
        return _with_objects(Allowed(gettext_noop("the app belongs to this site"), scopes), consent)
    if consent is None:
        return Refused(gettext_noop("never asked before"))
    # Left out once and still optional: the app works without it, and nobody wants the same question at each sign-in.
    left_out = {scope for scope in choice.optional(client, scopes) if scope in consent.declined_scopes}
    remaining = tuple(scope for scope in scopes if scope not in left_out or scope in consent.scopes)
    if not remaining or not consent.covers(remaining, at=timezone.now()):
        return Refused(gettext_noop("more is asked than before, or the answer is too old"))
    return _with_objects(Allowed(gettext_noop("remembered"), remaining, consent), consent)


def _with_objects(allowed: Allowed, consent: Consent | None) -> Allowed | Refused:
    chosen = targets.load({} if consent is None else consent.targets)
    if not all(chosen.get(kind) for kind in known_scopes.targets_of(allowed.scopes)):
        return Refused(gettext_noop("objects are to be chosen, and never were"))
    return allowed


def remembered_until(client: Client) -> datetime | None:
    """Until when an answer given now is remembered; None for a client whose identity is not assured."""
    if not profiles.is_assured(client):
        return None
    return timezone.now() + timedelta(seconds=conf.CONSENT_LIFETIME)
