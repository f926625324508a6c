"""Keys are warm, clients are cold; each client once with JWTs and once with opaque access tokens."""

from __future__ import annotations

import pytest

from oauth_provider.keys import store
from tests.flow import Registered


@pytest.fixture(autouse=True)
def _keys_stay_warm(settings):
    # Longer than any test takes: what is counted is a process that has the keys, however slow the machine.
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 60}
    settings.ROOT_URLCONF = "tests.budgets.urls"
    yield
    store.forget()


@pytest.fixture(params=["jwt", "opaque"])
def token_format(request) -> str:
    return request.param


@pytest.fixture
def opaque_costs(token_format) -> int:
    """The one INSERT an opaque access token costs."""
    return int(token_format == "opaque")


def _of_format(registered: Registered, token_format: str) -> Registered:
    registered.row.token_format = token_format
    registered.row.save(update_fields=["token_format"])
    return registered


@pytest.fixture
def web(conf_client, token_format) -> Registered:
    return _of_format(conf_client, token_format)


@pytest.fixture
def machine(machine_client, token_format) -> Registered:
    return _of_format(machine_client, token_format)
