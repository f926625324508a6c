"""The demo as a stranger meets it: one command, the tour, the pages, Ctrl-C."""

from __future__ import annotations

import signal
import socket
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    StartDemo = Callable[..., subprocess.Popen[str]]
    FreePort = Callable[[], int]

TOUR_SECONDS = 180

pytestmark = [pytest.mark.live, pytest.mark.slow]


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
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


def test_tour_passes_twice_on_one_database_and_the_command_ends(start_demo: StartDemo, free_port: FreePort) -> None:
    for _ in range(2):
        process = start_demo("--check", "--port", str(free_port()))
        printed, _err = process.communicate(timeout=TOUR_SECONDS)
        assert process.returncode == 0, printed
        for number in range(1, 12):
            assert f"━━ {number} · " in printed
        assert "All 11 steps happened" in printed
        assert "✗" not in printed
        assert "Traceback" not in printed


def test_taken_port_is_said_plainly(start_demo: StartDemo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start_demo("--check", "--port", str(port))
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in printed
    assert "Traceback" not in printed


def test_ctrl_c_ends_the_site_and_frees_its_port(start_demo: StartDemo, free_port: FreePort) -> None:
    port = free_port()
    process = start_demo("--no-tour", "--port", str(port))
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
