from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from oauth_provider.keys import signing
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from oauth_provider.testing.app_client import AppClient
from oauth_provider.tokens.lookup import ACCESS_TOKEN_TYP
from tests.orgs.models import Org
from tests.settings import OAUTH_PROVIDER


@pytest.fixture(autouse=True)
def _scopes(settings: Any) -> None:
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "SCOPES": {"read": "Read", "write": "Write", "orgs": Scope("orgs", "Act", targets=("organization",))}
    }


@pytest.fixture
def ada(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ada", password="ada")


@pytest.fixture
def boss(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("boss", password="boss")


@pytest.fixture
def acme(ada: Any) -> Org:
    made = Org.objects.create(name="Acme")
    made.members.add(ada)
    return made


@pytest.fixture
def person(client: Any, ada: Any) -> Any:
    """`person("read", acr="…", ago=30)`: an app with a token of ada, who signed in so, so many seconds ago."""

    def make(scopes: str = "read", *, acr: str = "", ago: float | None = None, **wanted: Any) -> AppClient:
        app = as_app(client, **{"user": ada, "scopes": scopes, **wanted})
        _, claims = signing.claimed(app.token)
        if acr:
            claims["acr"] = acr
        if ago is not None:
            claims["auth_time"] = int((timezone.now() - timedelta(seconds=ago)).timestamp())
        return AppClient(client, app=app.app, token=signing.sign(claims, alg="ES256", typ=ACCESS_TOKEN_TYP))

    return make


@pytest.fixture
def machine(client: Any) -> Any:
    return lambda scopes="read", **wanted: as_app(client, scopes=scopes, **wanted)
