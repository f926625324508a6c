"""A site that reads documents of two hosts, and an internet that has some."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.documents.published import URL, Published
from tests.internet import Internet


@pytest.fixture(autouse=True)
def _reads_documents(settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "CLIENT_ID_METADATA_HOSTS": ["app.example", ".agents.example"],
        "DEFAULT_SCOPES": ["read"],
    }


@pytest.fixture
def change(settings):
    def set_(**values):
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **values}

    return set_


@pytest.fixture
def publish(internet: Internet):
    def serve(url: str = URL, /, **changes: Any) -> Published:
        published = Published(url, changes)
        published.listener = internet.site(urlsplit(url).hostname, published.answer)
        return published

    return serve


@pytest.fixture
def document(publish) -> Published:
    return publish()
