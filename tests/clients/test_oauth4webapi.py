"""oauth4webapi, the certified JavaScript client, against the provider on a real socket."""

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

from tests.clients.serve import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.http_browser import HttpBrowser

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "oauth4webapi"
INSTALL_SECONDS, WALK_SECONDS = 120, 120
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
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not installed")
    copy = tmp_path_factory.mktemp("oauth4webapi")
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


def test_oauth4webapi_accepts_every_answer(folder, site, browser):
    situation = {
        "issuer": site.url,
        "redirectUri": CALLBACK,
        **{name: {"client_id": each.client_id, "secret": each.secret} for name, each in site.clients.items()},
    }
    passed = []
    with _running(folder, situation) as process:
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
