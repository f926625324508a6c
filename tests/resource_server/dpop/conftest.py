from __future__ import annotations

from typing import Any

import pytest

from oauth_provider.testing import as_app


@pytest.fixture(autouse=True)
def _middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]


@pytest.fixture
def bound(client: Any, ada: Any) -> Any:
    """The test client as an app whose token is bound to the key of `bound.prover`."""
    return as_app(client, user=ada, scopes="read", dpop=True)


@pytest.fixture
def rsa_key(request: Any) -> Any:
    return request.getfixturevalue("_rsa_keys")["RS256"]
