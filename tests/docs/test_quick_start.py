"""The README's quick start, pasted block by block into an empty project, with the built wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.docs.markdown import ROOT, Block, blocks, section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

README = ROOT / "README.md"
COMMAND_SECONDS = 120

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the quick start calls curl, which is not installed"),
]


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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
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


@pytest.fixture
def project(tmp_path: Path, wheel: Path) -> Project:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    folder = tmp_path / "site"
    folder.mkdir()
    made = Project(folder, wheel, port)
    made.run("python -m django startproject mysite .")
    return made


def test_quick_start_works_in_an_empty_project_with_the_built_wheel(project: Project) -> None:
    found = blocks(README, text=section(README, "Quick start"))
    install, *consoles = [block for block in found if block.language == "console"]
    assert install.commands == ["pip install django-oauth-provider"]
    for block in found:
        if block.language == "python":
            project.paste(block)
    where = project.run("python -c 'import oauth_provider; print(oauth_provider.__file__)'")
    assert where.startswith(str(project.wheel))

    (console,) = consoles
    setup, create_client, runserver, get_token, call_api = console.commands
    printed = project.run(f"({setup} --noinput) 2>&1")
    # W010: startproject's SQLite is for trying things out; docs/quick-start.md has the line to paste.
    assert set(re.findall(r"\((\w+\.[EWC]\d+)\)", printed)) <= {"oauth_provider.W010"}, printed
    env_lines = project.run(create_client)
    project.variables |= dict(line.split("=", 1) for line in env_lines.splitlines() if re.match(r"CLIENT_\w+=", line))
    assert set(project.variables) == {"CLIENT_ID", "CLIENT_SECRET"}
    with project.serving(runserver):
        token = json.loads(project.run(f"{get_token} --silent --show-error"))
        assert token["token_type"] == "Bearer"
        project.variables["TOKEN"] = "not-a-token"
        assert project.run(f"{call_api} --silent").startswith("HTTP/1.1 401")
        project.variables["TOKEN"] = token["access_token"]
        head, body = project.run(f"{call_api} --silent").split("\n\n")
    assert head.startswith("HTTP/1.1 200")
    assert json.loads(body) == {"app": "Nightly report", "may": ["read"]}

    passed = project.run("python -m pytest -q -p no:cacheprovider --rootdir . --ds mysite.settings test_notes.py")
    assert "1 passed" in passed


def test_wheel_carries_templates_styles_and_types(wheel: Path) -> None:
    package = wheel / "oauth_provider"
    for name in ("py.typed", "templates/oauth_provider/consent.html", "static/oauth_provider/provider.css"):
        assert (package / name).is_file(), name
    assert (package / "migrations" / "0001_initial.py").is_file()
    assert not (wheel / "tests").exists()
    assert not (wheel / "demo_project").exists()
