"""What a view's permissions ask of an app, in the words of `oauth_routes`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import AND, NOT, OR

from oauth_provider.drf import entrances
from oauth_provider.drf.permissions import AppPermission
from oauth_provider.resource_server.ways import Way, shortest

if TYPE_CHECKING:
    from oauth_provider.drf.entrances import Condition

_HOW_IT_REFUSES = ("message", "code")


def ways_in(view: Any, request: Any, *, has_gate: bool) -> tuple[Way, ...]:
    """Every way into the view that an app may take; raises what the permissions raise."""
    found = entrances.of_view(view, request, has_gate=has_gate).apps
    return shortest(Way(each.scopes, tuple(map(_told, each.conditions))) for each in found)


def _told(condition: Condition) -> str:
    written = named(condition.permission)
    return f"not {written}" if condition.negated else written


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
    """Plain values only: what else an object keeps is not what it was given. A switch has no name there."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str | int | float | timedelta):
        return str(value)
    if isinstance(value, Collection) and all(isinstance(item, str) for item in value):
        return ", ".join(sorted(map(str, value)))
    return ""
