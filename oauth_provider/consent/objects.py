"""On which of a person's things an app may act, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauth_provider import targets
from oauth_provider.consent import narrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AbstractBaseUser

    from oauth_provider.models import Client
    from oauth_provider.values import Source


@dataclass(frozen=True, slots=True)
class Chosen:
    """One object: its key as it stands in the choice, and the name its person knows it by."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its name in the settings, in words, and the chosen ones; `everything` when all are."""

    name: str
    label: str
    chosen: tuple[Chosen, ...]
    everything: bool = False


def described(stored: Mapping[str, Any], *, user: AbstractBaseUser) -> tuple[Kind, ...]:
    """What `Consent.targets` holds, in words: of each kind what is the person's now; a statement a kind."""
    known = targets.registered()
    return tuple(
        _described(known[name], keys, user=user) for name, keys in sorted(targets.load(stored).items()) if name in known
    )


def _described(target: targets.GrantTarget, keys: targets.Keys, *, user: AbstractBaseUser) -> Kind:
    label = str(target.model._meta.verbose_name_plural)
    if targets.ALL in keys:
        return Kind(target.name, label, (), everything=True)
    rows = {str(row.pk): target.label_of(row) for row in target.of(user, keys)}
    return Kind(target.name, label, tuple(Chosen(key, rows[key]) for key in keys if key in rows))


def keep(user: AbstractBaseUser, client: Client, kept: Mapping[str, list[str]], *, source: Source) -> bool:
    """Leave an app only these objects of each kind named; whether that changed anything."""
    return bool(narrow.to(user, client, kept, source=source))
