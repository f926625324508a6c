"""The id of a key is its thumbprint, and can be typed behind an option of a command."""

from __future__ import annotations

import pytest

from oauth_provider.keys import algorithms, store
from oauth_provider.values import KeyState

pytestmark = pytest.mark.django_db


def test_key_whose_thumbprint_looks_like_an_option_is_not_used(monkeypatch):
    make = algorithms.ALGORITHMS["ES256"].generate

    def thumbprint_of(key):
        return algorithms.public_jwk(key.public_key(), alg="ES256")["kid"]

    awkward = next(key for key in iter(make, None) if thumbprint_of(key).startswith("-"))
    waiting = [awkward]
    monkeypatch.setitem(
        algorithms.ALGORITHMS,
        "ES256",
        algorithms.Algorithm("ES256", lambda: waiting.pop() if waiting else make()),
    )
    row = store.create("ES256", state=KeyState.ACTIVE)
    assert not waiting
    assert not row.kid.startswith("-")
