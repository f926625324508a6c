"""The clients' ids and secrets, which come from the environment as those of a deployed client do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo_project.models import Registration


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret; the secret of a public client is empty."""

    client_id: str
    client_secret: str = ""


def to_environment(registrations: Mapping[str, Registration]) -> dict[str, str]:
    """The variables that `of` reads in the clients' process."""
    return {
        f"{_prefix(name)}_{part}": value
        for name, registration in registrations.items()
        for part, value in (("ID", registration.client_id), ("SECRET", registration.client_secret))
    }


def of(name: str) -> Credentials:
    """The credentials of a client of the demo. Raises KeyError where `manage.py demo` did not hand them over."""
    return Credentials(os.environ[f"{_prefix(name)}_ID"], os.environ.get(f"{_prefix(name)}_SECRET", ""))


def _prefix(name: str) -> str:
    return f"DEMO_CLIENT_{name.upper()}"
