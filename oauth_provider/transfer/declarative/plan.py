"""The difference between a file and the database. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from oauth_provider.clients import change, modern, redirect_uris, sectors, validation
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import Client
from oauth_provider.models.application import application_model
from oauth_provider.transfer.declarative import entry as meaning
from oauth_provider.transfer.declarative import fields, people, secrets, states
from oauth_provider.transfer.declarative.people import People
from oauth_provider.transfer.declarative.problems import TABLE, Problem, Refused, of_refusal
from oauth_provider.transfer.declarative.reading import Entry, check_new_client_id
from oauth_provider.transfer.declarative.secrets import Secrets
from oauth_provider.values import ClientStatus, Profile, RegistrationSource


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """What is to happen to one client, or nothing."""

    entry: Entry
    # None: it is to be made.
    client: Client | None
    # Everything the entry stands for, and of that what is different: before and after.
    arguments: Mapping[str, Any]
    different: Mapping[str, tuple[Any, Any]]
    secrets: Secrets
    # The profile it has and what a move takes from it; None where it stays.
    moves_from: str | None = None
    breaks: tuple[str, ...] = ()
    # The status it has, and the steps to the one in the file.
    steps: tuple[states.Step, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        is_new = self.client is None
        return bool(is_new or self.different or self.secrets or self.moves_from is not None or self.steps)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen, and what is here without being in the file."""

    clients: tuple[ClientPlan, ...]
    # Clients that a file made and this one does not name.
    drift: tuple[Client, ...]

    def __bool__(self) -> bool:
        return any(self.clients) or bool(self.drift)

    @property
    def created(self) -> tuple[ClientPlan, ...]:
        """Those that are to be made."""
        return tuple(one for one in self.clients if one.client is None)

    @property
    def changed(self) -> tuple[ClientPlan, ...]:
        """Those that are here and different."""
        return tuple(one for one in self.clients if one.client is not None and one)


def make(entries: Iterable[Entry]) -> Plan:
    """The plan of these entries; raises Refused with every problem there is."""
    listed = list(entries)
    ids = [entry.client_id for entry in listed]
    rows = Client.objects.filter(application__client_id__in=ids).select_related("application")
    here = {client.client_id: client for client in rows}
    found = people.find(listed)
    # One statement: a client that is made this moment by somebody else is not taken for one to adopt.
    without_client = application_model()._base_manager.filter(client_id__in=ids, oauth_provider_client=None)
    unadopted = set(without_client.values_list("client_id", flat=True))
    plans, problems = [], []
    for entry in listed:
        own = list(found.problems(entry))
        if entry.client_id in unadopted:
            own.append(
                Problem(entry.key, "", f"take it over first: manage.py oauth_adopt --client-id {entry.client_id}")
            )
        if not own:
            try:
                plans.append(_plan(entry, here.get(entry.client_id), found))
            except Refused as refused:
                own.extend(refused.problems)
        problems.extend(own)
    if problems:
        raise Refused(*problems)
    drift = (
        Client.objects.filter(registration_source=RegistrationSource.FILE)
        .exclude(status=ClientStatus.ARCHIVED)
        .exclude(application__client_id__in=ids)
        .select_related("application")
        .order_by("application__client_id")
    )
    return Plan(tuple(plans), tuple(drift))


def _plan(entry: Entry, client: Client | None, found: People) -> ClientPlan:
    wanted = meaning.arguments(entry, found)
    # While no transaction is open, for when they are made so within one.
    sectors.read_ahead(wanted[sectors.URI])
    different = {} if client is None else change.differences(client, **wanted)
    moves_from = None if client is None or client.profile == entry.profile else client.profile
    problems = [
        *(_of_new(entry, wanted) if client is None else _of_change(entry, client, different, moves=bool(moves_from)))
    ]
    steps: tuple[states.Step, ...] = ()
    if client is not None and entry.status is not None:
        try:
            steps = states.steps(client.status, entry.status)
        except ValidationError as refusal:
            problems.extend(of_refusal(entry.key, refusal, field=fields.STATUS))
    of_secrets = Secrets()
    try:
        of_secrets = _secrets(entry, client, wanted)
    except ValidationError as refusal:
        problems.extend(of_refusal(entry.key, refusal, field=fields.SECRETS))
    if problems:
        raise Refused(*problems)
    breaks = modern.what_breaks(client, entry.profile) if client is not None and moves_from else ()
    return ClientPlan(
        entry, client, wanted, different, of_secrets, moves_from,
        breaks=tuple(one.sentence for one in breaks),
        steps=steps,
        notes=tuple(_notes(entry, client, wanted, of_secrets)),
        warnings=tuple(_warnings(entry, client, wanted)),
    )  # fmt: skip


def _of_new(entry: Entry, wanted: Mapping[str, Any]) -> Iterable[Problem]:
    sentence = check_new_client_id(entry.client_id)
    if sentence is not None:
        yield Problem(entry.key, fields.CLIENT_ID, sentence)
    if entry.profile == Profile.IMPORTED:
        yield Problem(entry.key, fields.PROFILE, "no new client has it; choose the profile of what it is")
        return
    try:
        validation.check(wanted, rules=PROFILES[entry.profile])
    except ValidationError as refusal:
        yield from of_refusal(entry.key, refusal)


def _of_change(
    entry: Entry, client: Client, different: Mapping[str, tuple[Any, Any]], *, moves: bool
) -> Iterable[Problem]:
    changed = {name: after for name, (_before, after) in different.items()}
    if moves and entry.profile not in modern.target_profiles(client):
        yield Problem(entry.key, fields.PROFILE, f"this client is {client.profile} and cannot become {entry.profile}")
        return
    try:
        if moves:
            if not may_move_first(client, entry.profile) and "redirect_uris" in changed:
                change.check(client, redirect_uris=changed["redirect_uris"])
            change.check_after_move(client, entry.profile, **changed)
        elif changed:
            # What is as it was is not looked at again: it may be older than today's rules.
            change.check(client, **changed)
        sectors.check_orphans(client, changed, orphaned_accounts=None)
    except ValidationError as refusal:
        yield from of_refusal(entry.key, refusal)


def may_move_first(client: Client, profile: str) -> bool:
    """Whether a move keeps a redirect URI where the profile needs one; else the new ones are written before it."""
    rules = PROFILES[profile]
    return not rules.needs_redirect_uri or any(_fits(uri, profile) for uri in client.redirect_uris)


def _fits(uri: str, profile: str) -> bool:
    try:
        redirect_uris.validate(uri, rules=PROFILES[profile])
    except ValidationError:
        return False
    return True


def _secrets(entry: Entry, client: Client | None, wanted: Mapping[str, Any]) -> Secrets:
    if entry.secrets and meaning.is_public(wanted):
        raise ValidationError("a public client has no secret")
    return secrets.plan(client, entry.secrets)


def _notes(entry: Entry, client: Client | None, wanted: Mapping[str, Any], of_secrets: Secrets) -> Iterable[str]:
    yield from (f"{sentence}: which secrets come and go cannot be told" for sentence in of_secrets.missing)
    if client is None and not entry.secrets and not meaning.is_public(wanted):
        yield f"it will have no secret: name one in `secrets`, or run manage.py oauth_rotate_secret {entry.client_id}"
    if client is not None and entry.status is None and client.status != ClientStatus.ACTIVE:
        yield f"it is {client.status} here and the file does not say what it should be: that stays"


def _warnings(entry: Entry, client: Client | None, wanted: Mapping[str, Any]) -> Iterable[str]:
    yield from modern.deviations(meaning.as_client(entry, wanted))
    try:
        validation.check(wanted, rules=PROFILES[entry.profile], kept=validation.kept_by(client, entry.profile))
    except ValidationError as refusal:
        yield from (str(problem).removeprefix(f"{TABLE}.{entry.key}.") for problem in of_refusal(entry.key, refusal))
