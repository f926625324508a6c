"""An authorization request: what was asked, and by whose browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from oauth_provider import credentials
from oauth_provider.values import ResponseMode, Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class Asked(Protocol):
    """Parameters as read from the wire, or as stored before signing in."""

    @property
    def values(self) -> Mapping[str, str]: ...
    @property
    def resources(self) -> tuple[str, ...]: ...
    @property
    def doubled(self) -> frozenset[str]: ...
    def get(self, name: str) -> str | None:
        """The value, or None when it was omitted or empty."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose browser asks: the signed-in user, if any, and what the session says of the sign-in."""

    user: AbstractBaseUser | None
    auth_time: datetime | None
    sid: str
    binding: str
    acr: str = ""
    amr: tuple[str, ...] = ()

    @property
    def session_digest(self) -> str:
        """What a row keeps of the session it was shown in."""
        return credentials.digest(f"session\x00{self.binding}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One request to the authorization endpoint. `stored_at`: it waited for a sign-in since then.

    `look_again` asks the site anew how the viewer signed in, for a request to which that matters.
    """

    parameters: Asked
    viewer: Viewer
    source: Source
    stored_at: datetime | None = None
    look_again: Callable[[], Viewer] | None = None

    def looked_again(self) -> AuthorizationRequest:
        """The same request, with what its viewer's sign-in has reached by now."""
        return self if self.look_again is None else replace(self, viewer=self.look_again(), look_again=None)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a response may be sent and how: a registered redirect URI, and the state that goes with it."""

    redirect_uri: str
    state: str | None
    response_mode: ResponseMode = ResponseMode.QUERY


@dataclass(frozen=True, slots=True)
class Stored:
    """Parameters that were read and checked before and waited in a row."""

    values: Mapping[str, str]
    resources: tuple[str, ...]
    doubled: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """The value, or None."""
        return self.values.get(name) or None
