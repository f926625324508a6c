"""oauth4webapi, the certified JavaScript client, against the provider on a real socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients import node
from tests.clients.serve import CALLBACK

if TYPE_CHECKING:
    from tests.clients.http_browser import HttpBrowser

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "oauth4webapi"
WALK_SECONDS = 120
EACH = ["code", "userinfo", "access token", "refresh", "introspection", "revocation"]
STEPS = [
    "discovery",
    *[f"{step} web" for step in EACH],
    *[f"{step} native" for step in EACH],
    "denied",
    "client credentials",
    "wrong secret",
    "device",
    "registration",
    "registered client",
    "registration refused",
    "registration changed and ended",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with its one dependency, outside the checkout."""
    return node.install(HERE, tmp_path_factory.mktemp("oauth4webapi"))


def test_oauth4webapi_accepts_every_answer(folder, site, browser):
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
            answer = _do(browser, asked)
            if answer is not None:
                process.stdin.write(json.dumps(answer) + "\n")
                process.stdin.flush()
    assert process.wait(10) == 0, f"passed {passed}, then:\n{process.stderr_text}"
    assert passed == STEPS


def _do(browser: HttpBrowser, asked: dict[str, str]) -> dict[str, str] | None:
    """What the client asks a person to do; None where it only tells."""
    if "open" in asked:
        return {"answer": browser.decide(asked["open"], asked["decision"])}
    if "device" in asked:
        return {"answer": browser.connect_device(asked["device"])}
    return None
