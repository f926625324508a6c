"""Every route of the site's URLconf, in its order, with includes opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from collections.abc import Iterator


def walk(urlconf: Any = None) -> Iterator[tuple[str, Any]]:
    """Route and callback of each pattern; raises what importing the URLconf raises."""
    for route, callback in _walk(get_resolver(urlconf).url_patterns, ""):
        yield f"/{route}", callback


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + _written(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _written(pattern: Any) -> str:
    # i18n_patterns answer each language under its own prefix.
    if hasattr(pattern, "language_prefix"):
        return "<language>/"
    return str(pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z").removesuffix("\\z")
