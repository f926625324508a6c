"""Operations of Django Ninja, known by what they look like: it need not be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth_provider.insight.routes.layers import closed_over, layers
from oauth_provider.resource_server.requirement import Requirement
from oauth_provider.resource_server.ways import Way, shortest

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def ways_in(operation: Any, *, asked_by_view: list[Requirement]) -> tuple[Way, ...]:
    """Through any one of its auth callbacks that asks for scopes, and through the decorator on its function."""
    ways: tuple[Way, ...] = tuple(way for callback in operation.auth_callbacks for way in _through(callback))
    if not operation.auth_callbacks and asked_by_view:
        ways = (Way(),)
    for wanted in asked_by_view:
        ways = tuple(way.together(Way(scopes)) for way in ways for scopes in wanted.alternatives)
    return shortest(ways)


def _through(callback: Any) -> Iterator[Way]:
    """A requirement stands on the callback as an attribute, as `scope_required` notes its own on a view."""
    kept = getattr(callback, "__dict__", {}).values()
    for value in kept:
        if isinstance(value, Requirement):
            yield from (Way(scopes) for scopes in value.alternatives)
