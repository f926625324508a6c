"""A plan of `clients.toml`, as an operator reads it and as a program does. Of a secret both show its hint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.models import Group

from oauth_provider.management import arguments
from oauth_provider.transfer.declarative.plan import ClientPlan, Plan
from oauth_provider.transfer.declarative.secrets import Secrets


def as_text(plan: Plan, *, prune: bool) -> Iterator[str]:
    """The plan in lines, like a diff: + comes, - goes, ~ becomes another."""
    for one in plan.clients:
        yield from _lines(one)
    for client in plan.drift:
        does = "will be archived" if prune else "stays; --prune archives it"
        yield f'! {client.client_id} "{client.name}" was made by a file and is not in this one: {does}'
    yield _sum(plan)


def as_json(plan: Plan, *, prune: bool) -> dict[str, Any]:
    """The plan as one object; `difference` is what the exit code says."""
    return {
        "difference": bool(plan),
        "clients": [_client_as_json(one) for one in plan.clients],
        "drift": [{"client_id": client.client_id, "name": client.name, "archived": prune} for client in plan.drift],
    }


def _sum(plan: Plan) -> str:
    if not plan:
        return "nothing to do"
    return f"{len(plan.created)} to create, {len(plan.changed)} to change, {len(plan.drift)} not in the file"


def _lines(one: ClientPlan) -> Iterator[str]:
    remarks = [*(f"    note: {note}" for note in one.notes), *(f"    warning: {said}" for said in one.warnings)]
    if one or remarks:
        sign = "+" if one.client is None else "~" if one else " "
        yield f"{sign} {one.entry.client_id} {_shown(one.arguments['name'])}"
    if one.client is None:
        yield f"    profile: {one.entry.profile}"
        for name, value in one.entry.given.items():
            yield f"    {name}: {_shown(value)}"
        if one.entry.status is not None:
            yield f"    status: {one.entry.status}"
    elif one.moves_from is not None:
        yield f"    profile: {one.moves_from} → {one.entry.profile}"
        yield from (f"        {sentence}" for sentence in one.breaks)
    for name, (before, after) in sorted(one.different.items()):
        yield from _difference(name, _plain(before), _plain(after))
    yield from _of_secrets(one.secrets)
    if one.steps and one.client is not None:
        yield f"    status: {one.client.status} → {one.entry.status}"
    yield from remarks


def _difference(name: str, before: Any, after: Any) -> Iterator[str]:
    if not isinstance(after, list):
        yield f"    {name}: {_shown(before)} → {_shown(after)}"
        return
    gone, new = [value for value in before if value not in after], [value for value in after if value not in before]
    if not gone and not new:
        yield f"    {name}: in another order: {_shown(after)}"
        return
    yield f"    {name}:"
    yield from (f"        - {_shown(value)}" for value in gone)
    yield from (f"        + {_shown(value)}" for value in new)


def _of_secrets(secrets: Secrets) -> Iterator[str]:
    if not secrets:
        return
    yield "    secrets:"
    for new in secrets.added:
        yield f"        + …{new.hint} ({new.reference.place}), expires {arguments.moment(new.reference.expires_at)}"
    for one in secrets.moved:
        before, after = arguments.moment(one.row.expires_at), arguments.moment(one.expires_at)
        yield f"        ~ …{one.row.hint}: expires {before} → {after}"
    yield from (f"        - …{hint}" for hint in secrets.retired_hints)


def _client_as_json(one: ClientPlan) -> dict[str, Any]:
    fields = {
        name: {"before": _plain(before), "after": _plain(after)}
        for name, (before, after) in sorted(one.different.items())
    }
    if one.client is None:
        fields = {name: {"before": None, "after": _plain(value)} for name, value in one.entry.given.items()}
    if one.client is None or one.moves_from is not None:
        fields["profile"] = {"before": one.moves_from, "after": one.entry.profile}
    return {
        "key": one.entry.key,
        "client_id": one.entry.client_id,
        "action": "create" if one.client is None else "change" if one else "none",
        "fields": fields,
        "secrets": {
            "added": [new.hint for new in one.secrets.added],
            "moved": [moved.row.hint for moved in one.secrets.moved],
            "retired": list(one.secrets.retired_hints),
        },
        "status": one.entry.status,
        "status_steps": [step.value for step in one.steps],
        "breaks": list(one.breaks),
        "notes": list(one.notes),
        "warnings": list(one.warnings),
    }


def _plain(value: Any) -> Any:
    """People and groups by their name; everything else as the file has it."""
    if isinstance(value, Iterable) and not isinstance(value, str | dict):
        return [_plain(one) for one in value]
    if isinstance(value, Group):
        return f"group {value.name}"
    return value.get_username() if hasattr(value, "get_username") else value


def _shown(value: Any) -> str:
    # JSON: quotation marks, and no sign that a terminal would obey.
    return json.dumps(_plain(value), ensure_ascii=False) if value is not None else "(the profile's)"
