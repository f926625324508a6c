from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.models import Client


@pytest.fixture(autouse=True)
def _uses_are_noted(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 60}


@pytest.fixture
def web(db) -> Client:
    """A web client with one secret."""
    return Client.objects.register(name="Notes", profile="web", redirect_uris=["https://notes.example/cb"])[0]


@pytest.fixture
def make(db):
    """`make("Shop", last_used_days=100)`: a client made two years ago, changed as named."""

    def one(name: str, *, last_used_days: float | None = None, created_days: float = 730, **columns) -> Client:
        client, _secret = Client.objects.register(
            name=name, profile="web", redirect_uris=[f"https://{name.lower()}.example/cb"]
        )
        now = timezone.now()
        columns["created_at"] = now - timedelta(days=created_days)
        if last_used_days is not None:
            columns["last_used_at"] = now - timedelta(days=last_used_days)
        client.change(**columns)
        return client

    return one
