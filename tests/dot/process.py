"""Runs a script of this folder in a process of its own, because settings like AUTH_USER_MODEL cannot be changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, *arguments: str, site: str, database: Path, **environment: str) -> Any:
    """What `tests/dot/<script>.py` printed as its last line, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.dot.{script}", *arguments],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "CACHE_URL"}},
            "DJANGO_SETTINGS_MODULE": f"tests.dot.{site}",
            "SITE_DATABASE": str(database),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
