"""openid-client, the certified relying party for Node, against the provider on a real socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import node

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "openid-client"
WALK_SECONDS = 120
STEPS = [
    "discovery",
    "sign-in",
    "userinfo",
    "claims parameter",
    "silent",
    "max_age",
    "refresh",
    "introspection",
    "revocation",
    "public client",
    "denied",
    "other nonce",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with its one dependency, outside the checkout."""
    return node.install(HERE, tmp_path_factory.mktemp("openid-client"))


def test_openid_client_accepts_every_answer(folder, site, browser):
    def answer(asked):
        return {"answer": browser.decide(asked["open"], asked["decision"])} if "open" in asked else None

    assert node.walk(folder, site, answer, seconds=WALK_SECONDS) == STEPS
