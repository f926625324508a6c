"""A protected view beside the provider: RFC 6750 speaks of resource servers."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _protected_view(settings):
    settings.ROOT_URLCONF = "tests.budgets.urls"
