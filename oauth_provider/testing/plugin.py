"""pytest fixtures for sites; loaded by every pytest run where the package is installed, so nothing is imported early.

Every name begins with `oauth`, so that none is in the way of a project's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oauth_provider.models import Client
    from oauth_provider.testing.app_client import AppClient


@pytest.fixture
def oauth_client(request: pytest.FixtureRequest) -> Callable[..., tuple[Client, str | None]]:
    """Registers a client and returns it with its secret; the keywords are those of `Client.objects.register`.

    Without a name and an address it has some. Uses the database.
    """
    request.getfixturevalue("db")

    def register(**wanted: Any) -> tuple[Client, str | None]:
        from oauth_provider.clients.profiles import PROFILES  # noqa: PLC0415  # see above
        from oauth_provider.models import Client  # noqa: PLC0415
        from oauth_provider.values import Profile  # noqa: PLC0415

        rules = PROFILES[Profile(wanted.get("profile", Profile.WEB))]
        needed = {"redirect_uris": ["https://app.example/callback"]} if rules.needs_redirect_uri else {}
        return Client.objects.register(**{"name": "Test app", **needed, **wanted})

    return register


@pytest.fixture
def oauth_as_app(request: pytest.FixtureRequest) -> Callable[..., AppClient]:
    """`as_app` around a test client of its own: `oauth_as_app(user=ada, scopes="read").get("/api/notes")`.

    Another client may be given first. Uses the database.
    """
    request.getfixturevalue("db")

    def make(client: Any = None, **wanted: Any) -> AppClient:
        from django.test import Client as Browser  # noqa: PLC0415  # see above

        from oauth_provider.testing.app_client import as_app  # noqa: PLC0415

        return as_app(Browser() if client is None else client, **wanted)

    return make


@pytest.fixture
def oauth_fake_issuer() -> Iterator[Any]:
    """An authorization server of the test's own, on a thread; see `oauth_provider.testing.FakeIssuer`."""
    from importlib import import_module  # noqa: PLC0415

    with import_module("oauth_provider.testing.fake_issuer").FakeIssuer() as issuer:
        yield issuer
