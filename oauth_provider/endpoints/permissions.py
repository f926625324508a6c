"""Permissions as a page shows them: in words, grouped, marked, with what the app says they are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider import scopes as known_scopes
from oauth_provider.claims import words
from oauth_provider.consent import choice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.consent.choice import Choice
    from oauth_provider.models import Client, Consent


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission; `field` names its tick when it may be left out, `purpose` is the app's own sentence.

    `tells` is what it tells of the person.
    """

    name: str
    label: str
    description: str
    includes: tuple[str, ...]
    tells: tuple[str, ...]
    purpose: str
    sensitive: bool
    new: bool
    field: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Permissions under one heading; the first group may have none."""

    title: str
    permissions: tuple[Permission, ...]


def grouped(
    client: Client, scopes: Iterable[str], *, consent: Consent | None = None, chosen: Choice | None = None
) -> list[Group]:
    """These permissions in groups; `chosen` is what was ticked before the page is shown again."""
    found: dict[str, list[Permission]] = {}
    for scope in known_scopes.describe(scopes):
        found.setdefault(str(scope.group), []).append(_permission(scope, client, consent=consent, chosen=chosen))
    return [Group(title, tuple(permissions)) for title, permissions in sorted(found.items(), key=lambda one: one[0])]


def _permission(
    scope: known_scopes.Scope, client: Client, *, consent: Consent | None, chosen: Choice | None
) -> Permission:
    is_optional = scope.name in client.optional_scopes
    before = None if consent is None else {*consent.scopes, *(consent.declined_scopes if is_optional else ())}
    ticked = choice.is_ticked(consent, scope.name) if chosen is None else scope.name in chosen.ticked
    return Permission(
        name=scope.name,
        label=str(scope.label or scope.name),
        description=str(scope.description),
        includes=_includes(scope),
        tells=words.of(known_scopes.expand([scope.name])),
        purpose=str(client.purposes.get(scope.name, "")),
        sensitive=bool(known_scopes.sensitive([scope.name])),
        new=before is not None and scope.name not in before,
        field=f"{choice.TICK}{scope.name}" if is_optional else "",
        ticked=is_optional and ticked,
    )


def _includes(scope: known_scopes.Scope) -> tuple[str, ...]:
    """What a permission brings along: people allow that too, so they read it too."""
    implied = sorted(known_scopes.expand([scope.name]) - {scope.name})
    return tuple(str(one.label or one.name) for one in known_scopes.describe(implied))
