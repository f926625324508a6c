"""The users and groups that a file names, looked up together: three statements for the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from oauth_provider.transfer.declarative import fields
from oauth_provider.transfer.declarative.problems import Problem
from oauth_provider.transfer.declarative.reading import Entry


@dataclass(frozen=True, slots=True)
class People:
    """Users by the name they sign in with, groups by their name."""

    users: Mapping[str, Any]
    groups: Mapping[str, Group]

    def problems(self, entry: Entry) -> Iterator[Problem]:
        """A sentence for each name that nobody has."""
        for place, names in _names(entry, fields.OWNERS, fields.SERVICE_ACCOUNT):
            yield from (Problem(entry.key, place, f"there is no user {n!r}") for n in names if n not in self.users)
        for place, names in _names(entry, fields.OWNER_GROUPS, fields.ALLOWED_GROUPS):
            yield from (Problem(entry.key, place, f"there is no group {n!r}") for n in names if n not in self.groups)

    def owners(self, entry: Entry) -> list[Any]:
        """Who owns the client."""
        return [
            *(self.users[name] for name in entry.given.get(fields.OWNERS, ())),
            *(self.groups[name] for name in entry.given.get(fields.OWNER_GROUPS, ())),
        ]

    def allowed_groups(self, entry: Entry) -> list[Group]:
        """Whose members may use the client."""
        return [self.groups[name] for name in entry.given.get(fields.ALLOWED_GROUPS, ())]

    def service_account(self, entry: Entry) -> Any | None:
        """Whom the client acts for when it acts for itself."""
        name = entry.given.get(fields.SERVICE_ACCOUNT)
        return self.users[name] if name else None


def find(entries: Iterable[Entry]) -> People:
    """Everybody the entries name, as far as they exist."""
    listed = list(entries)
    model = get_user_model()
    users = _all(listed, fields.OWNERS, fields.SERVICE_ACCOUNT)
    groups = _all(listed, fields.OWNER_GROUPS, fields.ALLOWED_GROUPS)
    found = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": users}) if users else ()
    return People(
        users={user.get_username(): user for user in found},
        groups={group.name: group for group in Group.objects.filter(name__in=groups)} if groups else {},
    )


def _all(entries: Iterable[Entry], *places: str) -> set[str]:
    return {name for entry in entries for _place, names in _names(entry, *places) for name in names}


def _names(entry: Entry, *places: str) -> Iterator[tuple[str, list[str]]]:
    for place in places:
        value = entry.given.get(place, [])
        yield place, value if isinstance(value, list) else [value] if value else []
