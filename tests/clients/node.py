"""A client in JavaScript, run with node: installed outside the checkout, spoken to a JSON line at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.serve import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.clients.live_site import LiveSite

INSTALL_SECONDS = 120


def install(source: Path, folder: Path) -> Path:
    """A copy of the client with its dependencies; skips the test where there is no node, or npm reaches nobody."""
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not installed")
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    try:
        installed = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
            cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm install took more than {INSTALL_SECONDS} s")
    if installed.returncode:
        pytest.skip(f"npm install failed: {installed.stderr[-300:]}")
    return folder


@contextmanager
def running(folder: Path, situation: dict[str, object], *, seconds: int) -> Iterator[subprocess.Popen[str]]:
    """The client at work; ended after so many seconds. What it complained of is `stderr_text` afterwards."""
    errors = (folder / "errors.txt").open("w+")
    process = subprocess.Popen(
        ["node", "client.mjs"],
        cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        env={**os.environ, "SITUATION": json.dumps(situation), "NO_PROXY": "*"},
    )  # fmt: skip
    end = Timer(seconds, process.kill)
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


def walk(folder: Path, site: LiveSite, answer: Callable[[dict[str, Any]], object], *, seconds: int) -> list[str]:
    """Run the client against the site, and return the steps it passed; `answer` does what it asks of its person."""
    situation = {
        "issuer": site.url,
        "redirectUri": CALLBACK,
        **{name: {"client_id": each.client_id, "secret": each.secret} for name, each in site.clients.items()},
    }
    passed = []
    with running(folder, situation, seconds=seconds) as process:
        for line in process.stdout:
            asked = json.loads(line)
            passed += [asked["passed"]] if "passed" in asked else []
            said = answer(asked)
            if said is not None:
                process.stdin.write(json.dumps(said) + "\n")
                process.stdin.flush()
    assert process.wait(10) == 0, f"passed {passed}, then:\n{process.stderr_text}"
    return passed
