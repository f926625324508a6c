"""The official TypeScript SDK as an agent, both generations of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo_project.tour.client_app import ClientApp
from tests.clients import node
from tests.mcp.person import Person

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "typescript"
WALK_SECONDS = 60
STEPS = ["sign-in", "tools", "refresh", "step-up"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with the SDK, outside the checkout."""
    return node.install(HERE, tmp_path_factory.mktemp("typescript"))


@pytest.mark.parametrize("generation", [1, 2])
def test_agent_registers_signs_in_calls_tools_refreshes_and_asks_for_more(folder, site, generation):
    passed, person = [], Person()
    with ClientApp() as callback:
        situation = {"mcp": site.mcp, "redirectUri": callback.redirect_uri, "generation": generation}
        with node.running(folder, situation, seconds=WALK_SECONDS) as process:
            for line in process.stdout:
                told = json.loads(line)
                passed += [told["passed"]] if "passed" in told else []
                if "open" in told:
                    person.allow(told["open"])
                    (answer,) = callback.take_arrived()
                    process.stdin.write(json.dumps({"answer": answer}) + "\n")
                    process.stdin.flush()
    assert process.wait(10) == 0, f"passed {passed}, then:\n{process.stderr_text}"
    assert passed == STEPS
