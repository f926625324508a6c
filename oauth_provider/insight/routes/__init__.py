"""Route coverage: what an app gets at every view of the site, for `oauth_routes` and `assert_routes_covered`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation

from oauth_provider.insight.routes.covered import Covered
from oauth_provider.insight.routes.judge import judge
from oauth_provider.insight.routes.layers import behind, name_of, place_of
from oauth_provider.insight.routes.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator


def routes(urlconf: Any = None) -> list[Covered]:
    """Each method of each route, in the URLconf's order; no statement, no request. Raises if the URLconf does."""
    # Routes may be translated; a baseline is not.
    with translation.override(settings.LANGUAGE_CODE):
        found: dict[str, Covered] = {}
        for one in _routes(urlconf):
            # The first of two is the one that is served.
            found.setdefault(one.key, one)
        return list(found.values())


def _routes(urlconf: Any) -> Iterator[Covered]:
    for route, callback in walk(urlconf):
        for method, verdict, inner in judge(callback):
            view = behind(inner or callback)
            yield Covered(route, name_of(view), method, place_of(view), verdict)
