"""The tests of a site are not kept waiting for other processes that there are none of."""

from __future__ import annotations

import pytest

from oauth_provider.keys import store
from oauth_provider.testing import as_app

pytestmark = pytest.mark.django_db


def test_as_app_signs_with_a_new_key_at_once(client, alice, configure, monkeypatch):
    slept = []
    monkeypatch.setattr(store.time, "sleep", slept.append)
    configure(PROCESS_CACHE_SECONDS=1)
    assert as_app(client, user=alice, scopes="read").token
    assert slept == []
