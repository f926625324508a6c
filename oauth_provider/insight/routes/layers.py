"""What stands behind a callback: the view inside its decorators, and where it is written."""

from __future__ import annotations

import functools
import inspect
import sys
from pathlib import Path
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from oauth_provider.insight.routes.covered import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 50
# What a decorator without functools.wraps calls the view it was given.
_NAMES_OF_VIEWS = ("view", "view_func", "func", "fn", "f", "function", "wrapped")


def layers(callback: Any) -> tuple[Any, ...]:
    """The callback and every callable it wraps, outermost first."""
    found: list[Any] = []
    while callback is not None and len(found) < _MOST and not any(callback is own for own in found):
        found.append(callback)
        callback = _next(callback)
    return tuple(found)


def _next(callback: Any) -> Any:
    if hasattr(callback, "__wrapped__"):
        return callback.__wrapped__
    if isinstance(callback, functools.partial):
        return callback.func
    if isinstance(callback, MethodType):
        return callback.__func__
    if hasattr(callback, "view_class") or hasattr(callback, "cls"):
        return None
    closed = dict(closed_over(callback))
    return next((closed[name] for name in _NAMES_OF_VIEWS if callable(closed.get(name))), None)


def closed_over(callback: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a function's closure."""
    if not isinstance(callback, FunctionType):
        return
    for name, cell in zip(callback.__code__.co_freevars, callback.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            continue


def behind(callback: Any) -> Any:
    """The class or function that a developer wrote."""
    for layer in layers(callback):
        for name in ("cls", "view_class"):
            found = getattr(layer, name, None)
            if isinstance(found, type):
                return _of_api_view(found)
    return layers(callback)[-1]


def _of_api_view(found: type) -> Any:
    """The function that `@api_view` made a class of."""
    if found.__qualname__ != "WrappedAPIView":
        return found
    for name in ("get", "post", "put", "patch", "delete", "head"):
        function = dict(closed_over(getattr(found, name, None))).get("func")
        if function is not None:
            return layers(function)[-1]
    return found


def name_of(view: Any) -> str:
    """Its dotted name."""
    kind = view if hasattr(view, "__qualname__") else type(view)
    return f"{kind.__module__}.{kind.__qualname__}"


def place_of(view: Any) -> Place:
    """Where it is written; of a class that was made by a program, its nearest base; else an empty place."""
    kind = view if inspect.isclass(view) or inspect.isroutine(view) else type(view)
    for target in getattr(kind, "__mro__", (kind,)):
        try:
            file, line = inspect.getsourcefile(target), _line_of(target)
        except (OSError, TypeError):
            continue
        if file:
            return Place(_relative(file), line)
    return Place()


def _line_of(target: Any) -> int:
    if isinstance(target, FunctionType):
        return target.__code__.co_firstlineno
    return inspect.findsource(target)[1] + 1


@functools.lru_cache(maxsize=512)
def _relative(file: str) -> str:
    """From where Python imports it: the same on every machine."""
    path = Path(file).resolve()
    roots = [Path(entry or ".").resolve() for entry in sys.path]
    within = [root for root in roots if path.is_relative_to(root)]
    nearest = max(within, key=lambda root: len(root.parts), default=None)
    return path.name if nearest is None else path.relative_to(nearest).as_posix()
