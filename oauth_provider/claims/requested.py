"""The `claims` parameter, read: which claims a client asks for one by one, and where it wants them.

OpenID Connect Core §5.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

USERINFO, ID_TOKEN = "userinfo", "id_token"


@dataclass(frozen=True, slots=True)
class Wish:
    """How one claim is asked for. `values`: it is wanted only when it is one of these; none: whatever it is."""

    essential: bool = False
    values: tuple[Any, ...] = ()

    def allows(self, value: object) -> bool:
        """Whether a claim of this value is wanted."""
        # JSON tells true from 1, and Python does not.
        return not self.values or any(type(one) is type(value) and one == value for one in self.values)


_NONE: Mapping[str, Wish] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Requested:
    """Claim → how it is asked for, in userinfo and in the ID token."""

    userinfo: Mapping[str, Wish] = field(default_factory=lambda: _NONE)
    id_token: Mapping[str, Wish] = field(default_factory=lambda: _NONE)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for by itself."""
        return not (self.userinfo or self.id_token)

    def only(self, names: frozenset[str]) -> Requested:
        """What is asked for of these claims."""
        return Requested(_only(self.userinfo, names), _only(self.id_token, names))

    def dump(self, scope_of: Mapping[str, str]) -> dict[str, Any]:
        """As the grant's row keeps it: with the scope of each claim, whose loss is the claim's."""
        kept = {USERINFO: self.userinfo, ID_TOKEN: self.id_token}
        return {
            place: {name: {"scope": scope_of[name], "values": list(wish.values)} for name, wish in wishes.items()}
            for place, wishes in kept.items() if wishes
        }  # fmt: skip


def load(kept: Mapping[str, Any]) -> Requested:
    """What `dump` wrote."""

    def wishes(place: str) -> dict[str, Wish]:
        return {name: Wish(values=tuple(how["values"])) for name, how in kept.get(place, {}).items()}

    return Requested(wishes(USERINFO), wishes(ID_TOKEN))


def _only(wishes: Mapping[str, Wish], names: frozenset[str]) -> dict[str, Wish]:
    return {name: wish for name, wish in wishes.items() if name in names}
