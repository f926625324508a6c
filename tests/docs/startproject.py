"""An empty `startproject` that sees the built wheel and nothing of this checkout: what a new user has."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.docs.markdown import ROOT, Block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND_SECONDS = 120


@dataclass(slots=True)
class Project:
    """An empty `startproject` that sees the installed wheel before anything else."""

    folder: Path
    wheel: Path
    port: int
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        own = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "DATABASE_URL", "CACHE_URL"}
            and not name.startswith(("PYTEST_", "COV_"))
        }
        return {
            **own,
            "PATH": f"{self.folder.parent / 'bin'}{os.pathsep}{own['PATH']}",
            "PYTHONPATH": str(self.wheel),
            "DJANGO_SUPERUSER_USERNAME": "root",
            "DJANGO_SUPERUSER_EMAIL": "root@example.com",
            "DJANGO_SUPERUSER_PASSWORD": "a long enough password",
            **self.variables,
        }

    def on_own_port(self, text: str) -> str:
        return text.replace("localhost:8000", f"localhost:{self.port}")

    def paste(self, block: Block) -> None:
        """Into the file that its first line names; the two that startproject made are added to."""
        name = re.split(r"[ ,]", block.code.removeprefix("# ").partition("\n")[0])[0]
        inner = self.folder / "mysite" / name
        target = inner if inner.exists() else self.folder / name
        with target.open("a", encoding="utf-8") as file:
            file.write(f"\n{self.on_own_port(block.code)}")

    def run(self, line: str) -> str:
        """What a command line prints; it must succeed."""
        done = subprocess.run(
            ["bash", "-c", self.on_own_port(line)],
            cwd=self.folder, env=self.environment(), text=True, capture_output=True,
            timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self, line: str) -> Iterator[None]:
        with subprocess.Popen(
            ["bash", "-c", f"exec {line} --noreload {self.port}"],
            cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                wait_for(self.port, process)
                yield
            finally:
                process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + COMMAND_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail("runserver did not start")


def build_wheel(folder: Path) -> Path:
    """The wheel, built from the checkout and unpacked into a folder of its own."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = (folder / "dist").glob("*.whl")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder / "site"),
        str(built),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return folder / "site"


def start(folder: Path, wheel: Path) -> Project:
    """`startproject` in this folder."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / "site").mkdir()
    made = Project(folder / "site", wheel, port)
    made.run("python -m django startproject mysite .")
    return made
