"""The demo as a stranger meets it: one command, the tour, the pages, Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A database of its own, whatever the suite itself runs on."""
    own = {name: value for name, value in os.environ.items() if name not in {"CACHE_URL", "DJANGO_SETTINGS_MODULE"}}
    return {
        **own,
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.sqlite3'}",
        "NO_PROXY": "*",
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    process = start(environment, "--no-tour", "--port", str(port))
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "stays up" in line:
                break
        else:
            pytest.fail(f"the site ended with status {process.wait()}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=START_SECONDS)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize(
    "path",
    [
        "/", "/demo/", "/demo/tv", "/login", "/admin/login/", "/static/oauth_provider/provider.css",
        "/static/demo_project/demo.css", "/.well-known/openid-configuration", "/jwks",
    ],
)  # fmt: skip
def test_every_page_of_the_demo_is_there(site: str, path: str) -> None:
    assert status_of(site + path) == 200


def test_api_of_the_demo_asks_for_a_token(site: str) -> None:
    assert status_of(f"{site}/api/user-profile") == 401


def test_tour_passes_and_the_command_ends(environment: dict[str, str]) -> None:
    process = start(environment, "--check", "--port", str(free_port()))
    printed, _ = process.communicate(timeout=180)
    assert process.returncode == 0, printed
    for number in range(1, 12):
        assert f"━━ {number} · " in printed
    assert "All 11 steps happened" in printed
    assert "✗" not in printed
    assert "Traceback" not in printed


def test_second_tour_on_the_same_database_passes(environment: dict[str, str]) -> None:
    process = start(environment, "--check", "--port", str(free_port()))
    printed, _ = process.communicate(timeout=180)
    assert process.returncode == 0, printed


def test_taken_port_is_said_plainly(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        printed, _ = (process := start(environment, "--check", "--port", str(port))).communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in printed
    assert "Traceback" not in printed


def test_ctrl_c_ends_the_site_and_frees_its_port(environment: dict[str, str]) -> None:
    port = free_port()
    process = start(environment, "--no-tour", "--port", str(port))
    assert process.stdout is not None
    assert any("stays up" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail("something still listens on the port")
