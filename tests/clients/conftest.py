"""The provider on a real socket, clients registered with it, and a person with a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.http_browser import HttpBrowser
from tests.clients.live_site import LiveSite, running_site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[LiveSite]:
    """One site for all clients, as in life."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def browser(site) -> Iterator[HttpBrowser]:
    """Alice, not signed in yet."""
    person = HttpBrowser(site.url, "alice", "alice-password")
    yield person
    person.close()
