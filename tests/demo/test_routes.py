"""The demo keeps its promise in CI: no route of it lost a scope since the committed baseline."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.demo.process import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.live]


def test_no_route_of_the_demo_is_worse_than_its_baseline(tmp_path: Path) -> None:
    command = "manage.py oauth_routes --check --strict --baseline demo_project/oauth_routes.json"
    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=ROOT, env=environment(tmp_path / "no.sqlite3"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("No route is worse than the baseline.")
    assert not (tmp_path / "no.sqlite3").exists()
