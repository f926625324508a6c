"""The official TypeScript SDK as an agent, both generations of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from demo_project.tour.client_app import ClientApp
from tests.mcp.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "typescript"
INSTALL_SECONDS, WALK_SECONDS = 120, 60
STEPS = ["sign-in", "tools", "refresh", "step-up"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with the SDK, outside the checkout."""
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not installed")
    copy = tmp_path_factory.mktemp("typescript")
    shutil.copytree(HERE, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    try:
        installed = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
            cwd=copy, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm install took more than {INSTALL_SECONDS} s")
    if installed.returncode:
        pytest.skip(f"npm install failed: {installed.stderr[-300:]}")
    return copy


@pytest.mark.parametrize("generation", [1, 2])
def test_agent_registers_signs_in_calls_tools_refreshes_and_asks_for_more(folder, site, generation):
    passed, person = [], Person()
    with ClientApp() as callback:
        situation = {"mcp": site.mcp, "redirectUri": callback.redirect_uri, "generation": generation}
        with _running(folder, situation) as process:
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


@contextmanager
def _running(folder: Path, situation: dict[str, object]) -> Iterator[subprocess.Popen[str]]:
    errors = (folder / "errors.txt").open("w+")
    process = subprocess.Popen(
        ["node", "client.mjs"],
        cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        env={**os.environ, "SITUATION": json.dumps(situation), "NO_PROXY": "*"},
    )  # fmt: skip
    end = Timer(WALK_SECONDS, process.kill)
    end.start()
    try:
        yield process
        process.wait(10)
    finally:
        end.cancel()
        process.kill()
        process.wait()
        errors.seek(0)
        process.stderr_text = errors.read()  # type: ignore[attr-defined]
        errors.close()
        process.stdin.close()
        process.stdout.close()
