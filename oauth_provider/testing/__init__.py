"""For the tests of a site: call your own API as an app, with a real token through the real authentication.

Each name is imported when it is first used: pytest loads the plug-in of this package before Django has settings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oauth_provider.testing.app_client import AppClient, as_app
    from oauth_provider.testing.attacks import OAuthAttackTests
    from oauth_provider.testing.fake_issuer import FakeIssuer
    from oauth_provider.testing.prover import Prover
    from oauth_provider.testing.routes import assert_routes_covered

__all__ = ["AppClient", "FakeIssuer", "OAuthAttackTests", "Prover", "as_app", "assert_routes_covered"]

_FILE_OF = {
    "AppClient": "app_client",
    "FakeIssuer": "fake_issuer",
    "OAuthAttackTests": "attacks",
    "Prover": "prover",
    "as_app": "app_client",
    "assert_routes_covered": "routes",
}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
