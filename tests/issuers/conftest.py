from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from oauth_provider.testing import FakeIssuer
from tests.settings import MIDDLEWARE, OAUTH_PROVIDER

PRESETS = ("keycloak", "auth0", "okta", "cognito", "openid")


@pytest.fixture
def preset() -> str:
    return "openid"


@pytest.fixture
def issuer(preset: str) -> Iterator[FakeIssuer]:
    with FakeIssuer(preset=preset) as made:
        yield made


@pytest.fixture
def trust(settings: Any) -> Callable[..., None]:
    """`trust(issuer, user="…")`: the site trusts these issuers, beside its own tokens."""

    def _trust(*issuers: FakeIssuer, site: dict[str, Any] | None = None, **more: Any) -> None:
        entries = {name: entry for issuer in issuers for name, entry in issuer.settings(**more).items()}
        settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"TRUSTED_ISSUERS": entries} | (site or {})

    settings.ROOT_URLCONF = "tests.issuers.api"
    settings.MIDDLEWARE = [*MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]
    return _trust


@pytest.fixture
def call() -> Callable[..., Any]:
    """`call(token)`: the answer of /notes, or of another address, to a request with this token."""

    def _call(token: str, path: str = "/notes", scheme: str = "Bearer") -> Any:
        return Client().get(path, headers={"Authorization": f"{scheme} {token}"})

    return _call


@pytest.fixture
def told(caplog: Any) -> Callable[[], str]:
    """What the operator reads."""
    caplog.set_level("INFO", logger="oauth_provider")
    return lambda: caplog.text
