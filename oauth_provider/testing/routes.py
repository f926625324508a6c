"""`assert_routes_covered`: no view of the site is open to an app by accident."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oauth_provider.insight.routes import baseline as baselines
from oauth_provider.insight.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterable


def assert_routes_covered(baseline: str | Path | None = None, allow: Iterable[str] = ()) -> None:
    """Raise AssertionError where an app gets in without a scope, or may: each gap with file, line and fix.

    `baseline` is a file of `oauth_routes --write-baseline`: what stands there is accepted, and what is worse than it
    fails. `allow` names more that is meant: routes (`"/health"`), views (`"shop.views.Health"`), `*` as in a shell.
    Asks for no request and makes no statement.
    """
    known = {} if baseline is None else baselines.read(Path(baseline))
    worse = baselines.compare(routes(), known, allow=allow).worse
    if worse:
        listed = "\n".join(map(str, worse))
        raise AssertionError(f"{len(worse)} of the site's routes let somebody in without a scope:\n{listed}")
