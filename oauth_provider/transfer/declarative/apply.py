"""A plan, made so: through the rooms that check and record, all of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from oauth_provider.clients import change, modern, registration, status
from oauth_provider.transfer.declarative import secrets, states
from oauth_provider.transfer.declarative.plan import may_move_first
from oauth_provider.transfer.declarative.problems import Problem, Refused, of_refusal
from oauth_provider.values import ClientStatus, RegistrationSource

if TYPE_CHECKING:
    from oauth_provider.models import Client
    from oauth_provider.transfer.declarative.plan import ClientPlan, Plan

# Arguments that `register` names itself; the others go with its `settings`.
_NAMED = frozenset(
    {"name", "redirect_uris", "scopes", "default_scopes", "auth_method", "origins", "resources", "resource_server_for",
     "owners", "service_account"}
)  # fmt: skip


def apply(plan: Plan, *, prune: bool, actor: str) -> None:
    """Let the plan happen in one transaction; raises Refused, and nothing has happened then.

    `prune` archives the clients that a file made and this one does not name.
    """
    missing = [Problem(one.entry.key, "secrets", sentence) for one in plan.clients for sentence in one.secrets.missing]
    if missing:
        raise Refused(*missing)
    with transaction.atomic():
        for one in plan.clients:
            if one:
                _apply(one, actor=actor)
        for client in plan.drift if prune else ():
            status.archive(client, actor=actor)


def _apply(one: ClientPlan, *, actor: str) -> None:
    try:
        client = _create(one, actor=actor) if one.client is None else _change(one, one.client, actor=actor)
        secrets.apply(client, one.secrets, actor=actor)
        for step in one.steps:
            states.take(client, step, actor=actor)
    except ValidationError as refusal:
        # The plan has looked at all of this: somebody changed the client since.
        raise Refused(*of_refusal(one.entry.key, refusal)) from None
    except IntegrityError:
        raise Refused(Problem(one.entry.key, "", "somebody else made or changed it just now; run it again")) from None


def _create(one: ClientPlan, *, actor: str) -> Client:
    client, _secret = registration.register(
        **{name: value for name, value in one.arguments.items() if name in _NAMED},
        profile=one.entry.profile,
        client_id=one.entry.client_id,
        status=one.entry.status or ClientStatus.ACTIVE,
        source=RegistrationSource.FILE,
        actor=actor,
        settings={name: value for name, value in one.arguments.items() if name not in _NAMED},
        # Made here it could only be shown, and nothing is shown.
        with_secret=False,
    )
    return client


def _change(one: ClientPlan, client: Client, *, actor: str) -> Client:
    changed = {name: after for name, (_before, after) in one.different.items()}
    if one.moves_from is not None:
        if not may_move_first(client, one.entry.profile) and "redirect_uris" in changed:
            change.change(client, actor=actor, redirect_uris=changed["redirect_uris"])
        modern.move(client, one.entry.profile, actor=actor)
        # The move has changed some of it already, and may have changed what was right.
        changed = {name: after for name, (_before, after) in change.differences(client, **one.arguments).items()}
    if changed:
        change.change(client, actor=actor, **changed)
    return client
