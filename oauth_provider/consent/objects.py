"""On which of a person's things an app may act, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


def described(targets: Mapping[str, Any], *, user: AbstractBaseUser) -> tuple[Kind, ...]:
    """What `Consent.targets` and `Grant.targets` hold, in words; nothing while no kind of object is registered."""
    del targets, user
    return ()


def keep(user: AbstractBaseUser, client: Client, kept: Mapping[str, list[str]], *, source: Source) -> bool:
    """Leave an app only these objects of each kind named; whether that changed anything."""
    del user, client, kept, source
    return False
