from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oauth_provider.testing import as_app
from oauth_provider.testing.app_client import AppClient
from tests.settings import OAUTH_PROVIDER

SCOPES = {
    name: name
    for name in ("a", "b", "c", "x", "read", "write", "notes:read", "notes:write", "staff_work", "super_notes")
}


@pytest.fixture(autouse=True)
def _scopes(settings: Any) -> None:
    from oauth_provider.scopes import Scope

    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "SCOPES": SCOPES
        | {
            "staff_work": Scope("staff_work", "Work as staff", staff=True),
            "super_notes": Scope("super_notes", "Everything about notes", implies=("notes:read", "notes:write")),
        }
    }


@pytest.fixture
def ada(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ada", password="ada")


@pytest.fixture
def boss(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("boss", password="boss")


@pytest.fixture
def app(client: Any, ada: Any) -> Any:
    """`app("read write")`: the test client as an app to which ada gave these scopes."""
    return lambda scopes, **kwargs: as_app(client, **({"user": ada, "scopes": scopes} | kwargs))


@pytest.fixture
def dot_app(client: Any, ada: Any) -> Any:
    """The same with a token that django-oauth-toolkit issued."""

    def make(scopes: str) -> AppClient:
        registered = as_app(client, user=ada, scopes=())
        value = "dot" + "x" * 27
        get_access_token_model().objects.create(
            user=ada,
            token=value,
            application=registered.app.application,
            scope=scopes,
            expires=timezone.now() + timedelta(hours=1),
        )
        return AppClient(client, app=registered.app, token=value)

    return make
