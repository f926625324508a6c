"""Sectors: clients that know a person by the same `sub` (OpenID Connect Core §8.1), and what a change of it costs.

A pairwise client's sector is the host of its `sector_identifier_uri`, which lists every redirect URI of the sector,
or the one host of its own redirect URIs. A person it knows under another `sub` is a stranger to it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from oauth_provider import outbound
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.models import Consent, Grant
from oauth_provider.models.subject import host_of, sector_for
from oauth_provider.values import SubjectType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oauth_provider.clients.profiles import Rules
    from oauth_provider.models import Client

TYPE, URI = "subject_type", "sector_identifier_uri"
# What a client may choose; `dot` comes along from django-oauth-toolkit and is not chosen.
CHOICES = (SubjectType.PUBLIC.value, SubjectType.PAIRWISE.value)
# Seconds for which what an address said is believed, so that a form is checked, and then saved in a transaction.
_REMEMBERED_SECONDS = 60
_MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Read:
    """What stood at an address, or why that cannot be told; until when it is believed."""

    until: float
    listed: frozenset[str] = frozenset()
    reason: str = ""


_read: dict[str, _Read] = {}


def forget() -> None:
    """Read every address afresh."""
    _read.clear()


def refusals(wanted: Mapping[str, Any], *, rules: Rules) -> dict[str, list[object]]:
    """Why a client of this profile may not have the type or the sector, by argument; nothing is fetched for it."""
    subject_type, uri = wanted.get(TYPE, SubjectType.PUBLIC), wanted.get(URI, "")
    found: dict[str, object] = {}
    if subject_type == SubjectType.PAIRWISE:
        redirect_uris = tuple(wanted.get("redirect_uris", ()))
        if not rules.has_people:
            found[TYPE] = _("A machine has no people to be known by.")
        elif not uri and (len(set(map(host_of, redirect_uris))) != 1 or not all(map(uris.is_https, redirect_uris))):
            # §8.1: the host must be one, and one that is somebody's.
            found[TYPE] = _("Its redirect URIs are not all https at one host: name a sector_identifier_uri.")
    if uri:
        try:
            outbound.check(uri)
        except outbound.Refused as refused:
            found[URI] = _("This address cannot be read: %s.") % refused.reason
        if subject_type != SubjectType.PAIRWISE:
            found[URI] = _("A sector is for the subject type pairwise.")
    return {name: [sentence] for name, sentence in found.items()}


def read_ahead(uri: object) -> None:
    """Read the list now, for a `verify` that comes within a transaction, where nothing may be fetched."""
    if isinstance(uri, str) and uri:
        _listed_at(uri)


def verify(uri: str, *, redirect_uris: Iterable[str]) -> None:
    """Raise ValidationError unless the list at this address has each of the redirect URIs (Registration §5)."""
    if not uri:
        return
    found = _listed_at(uri)
    if found.reason:
        raise ValidationError({URI: [_("The list of redirect URIs cannot be read: %s.") % found.reason]})
    missing = [one for one in redirect_uris if one not in found.listed]
    if missing:
        raise ValidationError({URI: [_("The list at this address does not have %s.") % ", ".join(missing)[:500]]})


def _listed_at(uri: str) -> _Read:
    before = _read.get(uri)
    if before is not None and before.until > time.monotonic():
        return before
    until = time.monotonic() + _REMEMBERED_SECONDS
    try:
        listed = _strings(outbound.fetch(uri).body)
    except outbound.Refused as refused:
        found = _Read(until, reason=refused.reason)
    else:
        is_list = listed is not None
        found = _Read(until, listed or frozenset(), "" if is_list else str(_("it is no JSON array of strings")))
    if len(_read) >= _MOST_REMEMBERED:
        _read.clear()
    _read[uri] = found
    return found


def _strings(body: bytes) -> frozenset[str] | None:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(members, list) and all(isinstance(one, str) for one in members)
    return frozenset(members) if is_list else None


def accounts(client: Client) -> int:
    """How many people the client knows by a `sub`; one statement."""
    consents = Consent.objects.filter(client=client).order_by().values_list("user_id")
    grants = Grant.objects.filter(client=client).order_by().values_list("user_id")
    return consents.union(grants).count()


def check_orphans(client: Client, wanted: Mapping[str, Any], *, orphaned_accounts: int | None) -> int:
    """How many people become strangers to the client by this change; raises ValidationError unless that was said.

    `orphaned_accounts` is the number somebody has read and accepts. No statement where everybody keeps their `sub`.
    """
    before = client.subject_type, client.sector
    subject_type = wanted.get(TYPE, client.subject_type)
    uri = wanted.get(URI, client.sector_identifier_uri)
    addresses = wanted.get("redirect_uris", client.redirect_uris)
    after = subject_type, sector_for(subject_type, uri=uri, redirect_uris=addresses)
    if before == after:
        return 0
    number = accounts(client)
    if number and orphaned_accounts != number:
        sentence = ngettext_lazy(
            "%d person would be a stranger to the app: it knows them by another identifier. Accept that by "
            "orphaned_accounts with this number.",
            "%d people would be strangers to the app: it knows them by other identifiers. Accept that by "
            "orphaned_accounts with this number.",
            number,
        )
        argument = URI if before[0] == after[0] and URI in wanted else TYPE if TYPE in wanted else "redirect_uris"
        raise ValidationError({argument: [sentence % number]}, code="orphaned_accounts")
    return number
