"""A way in: the scopes a token must carry, and what is asked beside them. Alternatives are several ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.resource_server.entrance import Entrance

_AND = " + "
ANY_APP = "any app"


@dataclass(frozen=True, slots=True)
class Way:
    """Every scope **and** every condition, by name. Without scopes, any app that meets the conditions."""

    scopes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def together(self, other: Way) -> Way:
        """Both at once."""
        return Way(
            scopes=tuple(dict.fromkeys(self.scopes + other.scopes)),
            conditions=tuple(dict.fromkeys(self.conditions + other.conditions)),
        )

    def is_within(self, other: Way) -> bool:
        """Whether whoever comes this way may come the other way too: it asks for nothing more."""
        return set(other.scopes) <= set(self.scopes) and set(other.conditions) <= set(self.conditions)

    def __str__(self) -> str:
        return _AND.join((" ".join(self.scopes) or ANY_APP, *self.conditions))

    @classmethod
    def read(cls, written: str) -> Self:
        """The way that was written so."""
        first, *conditions = written.split(_AND)
        return cls(scopes=() if first == ANY_APP else tuple(first.split()), conditions=tuple(conditions))


def through(entrances: Iterable[Entrance], *, within: tuple[Way, ...] = (Way(),)) -> tuple[Way, ...]:
    """The ways through all of these, one after the other, and before that through one of `within`."""
    ways = within
    for entrance in entrances:
        beside = tuple(map(str, entrance.others))
        ways = tuple(way.together(Way(scopes, beside)) for way in ways for scopes in entrance.requirement.alternatives)
    return ways


def shortest(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Without those that ask for more than another one does."""
    given = list(dict.fromkeys(ways))
    return tuple(
        way
        for place, way in enumerate(given)
        if not any(
            way.is_within(other) and (not _same(way, other) or number < place)
            for number, other in enumerate(given)
            if number != place
        )
    )


def _same(one: Way, other: Way) -> bool:
    return one.is_within(other) and other.is_within(one)
