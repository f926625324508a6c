"""RFC 6750 §3: the challenge, whatever is put into it."""

from __future__ import annotations

import pytest

from oauth_provider.resource_server.challenges import Door, challenge


def test_challenge_without_error_has_the_realm_alone() -> None:
    assert challenge() == 'Bearer realm="api"'


def test_challenge_names_error_description_and_all_scopes() -> None:
    assert challenge(error="insufficient_scope", description="Not enough.", scope=["a", "b"]) == (
        'Bearer realm="api", error="insufficient_scope", error_description="Not enough.", scope="a b"'
    )


@pytest.mark.parametrize("evil", ['x", evil="y', "x\r\nSet-Cookie: a=b", "x\\", "x\x00", "ünïcode\u2028"])
def test_challenge_cannot_be_broken_out_of(evil: str) -> None:
    for value in (challenge(Door(realm=evil)), challenge(description=evil), challenge(scope=[evil])):
        assert value.count('"') % 2 == 0
        assert value.isascii()
        assert value.isprintable()
        assert "\\" not in value
        assert "evil=" not in value.replace("evil='y", "")
