"""The demo site in a process of its own, on a database and a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 60


@pytest.fixture(scope="module")
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return int(listener.getsockname()[1])

    return find


@pytest.fixture(scope="module")
def start_demo(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.Popen[str]]:
    """Runs `manage.py demo` with these arguments, whatever database the suite itself runs on."""
    foreign = {"CACHE_URL", "DJANGO_SETTINGS_MODULE", "DEMO_PORT", "DEMO_ISSUER", "DEMO_DEBUG"}
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    environment["DATABASE_URL"] = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.sqlite3'}"

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "demo", *arguments],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    return start


@pytest.fixture(scope="module")
def site(start_demo: Callable[..., subprocess.Popen[str]], free_port: Callable[[], int]) -> Iterator[str]:
    """The origin of a demo site that is up."""
    port = free_port()
    process = start_demo("--no-tour", "--port", str(port))
    assert process.stdout is not None
    try:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "stays up" in line:
                break
        else:
            pytest.fail(f"the site ended with status {process.wait()}: {''.join(printed)}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
