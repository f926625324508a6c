"""What a view's permissions ask of an app, read without a request of anybody: for `oauth_routes`.

Follows `verdict` operator by operator: what it judges for one token is said here for every token.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import AND, NOT, OR, BasePermission

from oauth_provider.drf.permissions import AllowAppsWithoutScope, AppPermission, IsSessionUser, ScopePermission
from oauth_provider.drf.verdict import asked_by_dot, is_of_dot, operands
from oauth_provider.resource_server.ways import Way, shortest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HOW_IT_REFUSES = ("message", "code")


def ways_in(permissions: Iterable[Any], *, request: Any, view: Any) -> tuple[Way, ...]:
    """Every way through a view's list of permissions; only those that are `held` open the gate.

    Raises what the permissions raise, ImproperlyConfigured for a scope requirement that is empty.
    """
    ways: tuple[Way, ...] = (Way(),)
    for permission in permissions:
        ways = _both(ways, _ways(permission, request, view))
    return shortest(ways)


def _ways(permission: Any, request: Any, view: Any) -> tuple[Way, ...]:
    if isinstance(permission, AND):
        first, second = (_ways(operand, request, view) for operand in operands(permission))
        return _both(first, second)
    if isinstance(permission, OR):
        return tuple(way for operand in operands(permission) for way in _ways(operand, request, view))
    if isinstance(permission, NOT):
        (operand,) = operands(permission)
        # Asked all the same: a requirement that is empty raises.
        _ways(operand, request, view)
        return (Way(conditions=(f"not {named(operand)}",)),)
    return tuple(_ways_through_leaf(permission, request, view))


def _both(first: tuple[Way, ...], second: tuple[Way, ...]) -> tuple[Way, ...]:
    return tuple(one.together(other) for one, other in product(first, second))


def _ways_through_leaf(permission: Any, request: Any, view: Any) -> Iterator[Way]:
    kind = type(permission)
    if isinstance(permission, ScopePermission):
        # A subclass that asks for more than scopes.
        more = () if kind.has_permission is ScopePermission.has_permission else (named(permission),)
        for scopes in permission.requirement(request, view).alternatives:
            yield Way(scopes=scopes, conditions=more, held=True)
    elif is_of_dot(permission):
        yield from _ways_of_dot(permission, request, view)
    elif isinstance(permission, AllowAppsWithoutScope):
        yield Way(held=True)
    elif isinstance(permission, AppPermission) and permission.opens_the_gate:
        yield Way(conditions=(named(permission),), held=True)
    elif isinstance(permission, IsSessionUser):
        return
    elif _asks_nothing(permission):
        yield Way()
    else:
        yield Way(conditions=(named(permission),))


def _ways_of_dot(permission: Any, request: Any, view: Any) -> Iterator[Way]:
    asked = asked_by_dot(permission, request, view)
    for scopes in asked.alternatives:
        if not scopes:
            raise ImproperlyConfigured(f"{named(permission)} finds no scopes on the view.")
        yield Way(scopes=scopes, held=True)


def _asks_nothing(permission: Any) -> bool:
    """AllowAny, and whatever else leaves the framework's own answer, which is yes."""
    names = {kind.__name__ for kind in type(permission).__mro__}
    return "AllowAny" in names or getattr(type(permission), "has_permission", None) is BasePermission.has_permission


def named(permission: Any) -> str:
    """A permission as it is written, with its arguments where it keeps them as attributes."""
    name = type(permission).__name__
    if not isinstance(permission, AppPermission):
        return f"{name}(…)" if isinstance(permission, AND | OR | NOT) else name
    given = (_written(value) for key, value in sorted(vars(permission).items()) if key not in _HOW_IT_REFUSES)
    # What separates ways and conditions in a baseline stands in no name.
    written = ", ".join(argument for argument in given if argument).replace(" | ", "|").replace(" + ", "+")
    return f"{name}({written})" if written else name


def _written(value: object) -> str:
    """Plain values only: what else an object keeps is not what it was given."""
    if isinstance(value, str | int | float | timedelta):
        return str(value)
    if isinstance(value, Collection) and all(isinstance(item, str) for item in value):
        return ", ".join(sorted(map(str, value)))
    return ""
