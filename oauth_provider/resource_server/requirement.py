"""What a view asks of a token: alternatives, each a set of scopes that is enough. Never "nothing"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from oauth_provider.resource_server.access import Access

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Requirement:
    """Held by a token that carries every scope of one alternative. No alternative: held by none."""

    alternatives: tuple[tuple[str, ...], ...]

    def is_held_by(self, access: Access) -> bool:
        """Whether the token is enough."""
        return any(access.allow_scopes(scopes) for scopes in self.alternatives)

    @property
    def only(self) -> tuple[str, ...]:
        """The scopes to ask for where there is no choice; none where there is."""
        return self.alternatives[0] if len(self.alternatives) == 1 else ()

    def nearest(self, access: Access) -> tuple[str, ...]:
        """The alternative of which the token lacks least: asking for these scopes is enough."""
        return min(self.alternatives, key=lambda scopes: len(missing(scopes, access=access)), default=())


def missing(scopes: Iterable[str], *, access: Access) -> tuple[str, ...]:
    """Those of the scopes that the token does not carry."""
    return tuple(scope for scope in scopes if not access.has_scope(scope))


def all_of(scopes: object) -> Requirement:
    """Each of these scopes is needed; raises ImproperlyConfigured for none."""
    return Requirement((_names(scopes),))


def any_of(scopes: object) -> Requirement:
    """One of these scopes is enough; raises ImproperlyConfigured for none."""
    return Requirement(tuple((name,) for name in _names(scopes)))


def of_view(required_scopes: object, *, method: str, action: object = None, any_of: bool = False) -> Requirement:
    """The requirement in a view's `required_scopes`: a list, or a map of HTTP methods or action names.

    GET covers HEAD, OPTIONS needs what any one entry needs, and a method that is not in the map is refused. With
    `any_of` one of the scopes of a list is enough.
    """
    if not isinstance(required_scopes, Mapping):
        return _requirement([_names(required_scopes)], any_of=any_of)
    if not required_scopes:
        raise ImproperlyConfigured("required_scopes is empty: name the scopes this view needs.")
    entries = {str(key): _names(scopes) for key, scopes in required_scopes.items()}
    by_method = {key.upper(): scopes for key, scopes in entries.items()}
    if isinstance(action, str) and action in entries:
        return _requirement([entries[action]], any_of=any_of)
    wanted = by_method.get(method)
    if wanted is None and method == "HEAD":
        wanted = by_method.get("GET")
    if wanted is None and method == "OPTIONS":
        return _requirement(entries.values(), any_of=any_of)
    return _requirement([] if wanted is None else [wanted], any_of=any_of)


def _requirement(entries: Iterable[tuple[str, ...]], *, any_of: bool) -> Requirement:
    if any_of:
        return Requirement(tuple((name,) for names in entries for name in names))
    return Requirement(tuple(entries))


def _names(scopes: object) -> tuple[str, ...]:
    names = (scopes,) if isinstance(scopes, str) else tuple(scopes) if isinstance(scopes, Iterable) else ()
    if not names:
        raise ImproperlyConfigured(
            "A scope requirement is empty: call HasScope with scopes, or set required_scopes on the view. "
            "AllowAppsWithoutScope is the one permission that lets an app in without a scope."
        )
    for name in names:
        if not isinstance(name, str) or not name or name.split() != [name]:
            raise ImproperlyConfigured(f"{name!r} is not the name of one scope.")
    return tuple(dict.fromkeys(names))
