"""openid-client, the certified relying party for Node, against the provider on a real socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients import node
from tests.clients.serve import CALLBACK

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
    situation = {
        "issuer": site.url,
        "redirectUri": CALLBACK,
        **{name: {"client_id": each.client_id, "secret": each.secret} for name, each in site.clients.items()},
    }
    passed = []
    with node.running(folder, situation, seconds=WALK_SECONDS) as process:
        for line in process.stdout:
            asked = json.loads(line)
            passed += [asked["passed"]] if "passed" in asked else []
            if "open" in asked:
                process.stdin.write(json.dumps({"answer": browser.decide(asked["open"], asked["decision"])}) + "\n")
                process.stdin.flush()
    assert process.wait(10) == 0, f"passed {passed}, then:\n{process.stderr_text}"
    assert passed == STEPS
