"""A client in JavaScript, run with node: installed outside the checkout, spoken to a JSON line at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
