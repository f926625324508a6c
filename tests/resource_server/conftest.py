from __future__ import annotations

from typing import Any

import pytest

from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.testing import as_app
from tests.settings import OAUTH_PROVIDER


@pytest.fixture
def ada(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ada", password="ada", email="ada@site.example")


@pytest.fixture
def boss(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("boss", password="boss")


@pytest.fixture
def warm_keys(settings: Any, db: None) -> None:
    """Keys are read once a second at most; here once a test."""
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"PROCESS_CACHE_SECONDS": 60}
    store.forget()
    store.active_key(ACCESS_TOKEN_ALG)
    store.usable_keys()


@pytest.fixture
def make(client: Any, ada: Any) -> Any:
    """`make("jwt")`, `make("opaque", user=None)`: the test client as an app with such a token."""

    def of_format(token_format: str = "jwt", **wanted: Any) -> Any:
        wanted = {"user": ada, "scopes": "read"} | wanted
        app = as_app(client, **wanted).app
        app.token_format = token_format
        app.save()
        return as_app(client, **wanted, app=app)

    return of_format
