"""Where the site's URLconf serves what: read from the resolver, never fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse


def token_path() -> str | None:
    """The path of our token endpoint, or None while our URLs are not included."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return None
    try:
        return reverse("oauth_provider:token")
    except (NoReverseMatch, ImproperlyConfigured):
        return None


def is_served(path: str) -> bool:
    """Whether some view answers this path."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def home_of(path: str) -> str:
    """The module of the view that answers this path; "" where none does."""
    try:
        view = resolve(path).func
    except Resolver404:
        return ""
    return getattr(getattr(view, "view_class", view), "__module__", "") or ""


def paths_of(module: str) -> list[str]:
    """The routes whose views live in a module or below it."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    return [route for route, view in _routes(get_resolver().url_patterns) if _is_in(view, module)]


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _is_in(view: Any, module: str) -> bool:
    home = getattr(getattr(view, "view_class", view), "__module__", "") or ""
    return home == module or home.startswith(f"{module}.")
