"""The demo as a process of its own, on a database and on ports of its own."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 60
LAST_LINE = "Ctrl-C ends both"


@dataclass(frozen=True)
class Demo:
    """A demo that is up: the origins of its two sites, and its database."""

    provider: str
    apps: str
    database: Path

    def ask_database(self, statement: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            return connection.execute(statement, values).fetchall()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(database: Path) -> dict[str, str]:
    """Whatever database, cache and ports the suite itself runs with."""
    foreign = {"CACHE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign and not name.startswith("DEMO_")}
    return {**kept, "DATABASE_URL": f"sqlite:///{database}"}


def start(database: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT, env=environment(database), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def wait_until_up(process: subprocess.Popen[str]) -> str:
    """Read up to the last line of the invitation and return all of it."""
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if LAST_LINE in line:
            return "".join(printed)
    return pytest.fail(f"the demo ended with status {process.wait()}: {''.join(printed)}")


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    port, apps_port, database = free_port(), free_port(), folder / "demo.sqlite3"
    process = start(database, "--no-tour", "--port", str(port), "--apps-port", str(apps_port))
    try:
        wait_until_up(process)
        yield Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{apps_port}", database)
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
