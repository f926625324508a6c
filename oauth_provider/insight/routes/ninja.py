"""Operations of Django Ninja, known by what they look like: it need not be installed."""

from __future__ import annotations

from typing import Any

from oauth_provider.insight.routes.layers import closed_over, layers
from oauth_provider.resource_server.entrance import Entrance
from oauth_provider.resource_server.ways import Way, shortest, through


def operations(callback: Any) -> list[Any] | None:
    """The operations of the PathView behind a callback, or None for another sort of view."""
    for layer in layers(callback):
        for _, value in closed_over(layer):
            found = getattr(value, "operations", None)
            if isinstance(found, list) and found and all(map(_is_operation, found)):
                return found
    return None


def _is_operation(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("methods", "view_func", "auth_callbacks"))


def ways_in(operation: Any, *, around_it: list[Entrance]) -> tuple[Way, ...]:
    """Through the first of its auth callbacks that reads tokens, and through the decorators on its function.

    The first decides: a token that it refuses goes on to no other.
    """
    inside = next((ways for callback in operation.auth_callbacks if (ways := _through(callback))), ())
    if not operation.auth_callbacks and around_it:
        inside = (Way(),)
    return shortest(through(around_it, within=inside))


def _through(callback: Any) -> tuple[Way, ...]:
    """As `OAuth2Auth` keeps what it asks; Ninja puts it behind a function where it has to."""
    found = (getattr(layer, "entrance", None) for layer in layers(callback))
    return tuple(way for own in found if isinstance(own, Entrance) for way in through([own]))
