"""The provider on a real socket, clients registered with it, and a person with a browser."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from oauth_provider.keys import rotation, store
from oauth_provider.models import Client
from tests.clients.http_browser import HttpBrowser
from tests.flow import Registered

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing listens there: the browser stops at the first address outside the provider.
CALLBACK = "http://127.0.0.1:9/callback"


@pytest.fixture
def issuer(live_server, settings) -> Iterator[str]:
    """The provider's address; its metadata, tokens and `iss` all say this one."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ISSUER": live_server.url, "DEVICE_POLLING_INTERVAL": 1}
    # Another test's rows are gone by now, and so are the keys a process may remember.
    store.forget()
    rotation.ensure()
    yield live_server.url
    # What the server does in its threads uses this test's database: let it end.
    for thread in threading.enumerate():
        if "process_request" in thread.name:
            thread.join(5)


@pytest.fixture
def browser(issuer, alice) -> Iterator[HttpBrowser]:
    """Alice, not signed in yet."""
    person = HttpBrowser(issuer, "alice", "alice-password")
    yield person
    person.close()


@pytest.fixture
def web_app(issuer) -> Registered:
    """A confidential client."""
    return _register(
        name="Notes for Web",
        profile="web",
        redirect_uris=[CALLBACK],
        scopes=["openid", "read", "write"],
        default_scopes=["read"],
    )


@pytest.fixture
def native_app(issuer) -> Registered:
    """A public client on a loopback address."""
    return _register(
        name="Notes for Desktop", profile="native", redirect_uris=[CALLBACK], scopes=["openid", "read"]
    )


@pytest.fixture
def tv(issuer) -> Registered:
    """A device without a keyboard."""
    return _register(name="Notes for TV", profile="device", scopes=["read"], default_scopes=["read"])


@pytest.fixture
def machine(issuer) -> Registered:
    """A client that acts for itself."""
    return _register(name="Nightly report", profile="machine", scopes=["read"], default_scopes=["read"])


@pytest.fixture
def api(issuer) -> Registered:
    """A resource server of this issuer."""
    return _register(name="Notes API", profile="machine", scopes=["read"], resource_server_for=[issuer])


def _register(**wanted) -> Registered:
    return Registered(*Client.objects.register(**wanted))
