"""The demo as a stranger meets it: one command, two sites, the tour, the pages, Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.demo.process import Demo, free_port, start, wait_until_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOUR_SECONDS = 180
STEPS = 12

pytestmark = [pytest.mark.live, pytest.mark.slow]


def answer_of(url: str) -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=30) as answer:
            return int(answer.status), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def listens(port: int, *, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex((host, port)) == 0


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    "path",
    [
        "/", "/login", "/admin/login/", "/static/oauth_provider/provider.css",
        "/static/demo_project/demo.css", "/.well-known/openid-configuration", "/jwks",
        "/api/schema/", "/api/docs/", "/api/docs/?script=", "/api/docs/oauth2-redirect.html",
        "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    ],
)  # fmt: skip
def test_every_page_of_the_provider_is_there(demo: Demo, path: str) -> None:
    assert answer_of(demo.provider + path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/web/", "/browser/", "/tv/", "/machine/"])
def test_every_page_of_the_apps_is_there_with_a_strict_policy(demo: Demo, path: str) -> None:
    status, headers = answer_of(demo.apps + path)
    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    assert status == 200
    assert (policy["default-src"], policy["style-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    # One page has scripts, of its own origin, and may call the provider and nobody else.
    scripts = {name: policy.get(name) for name in ("script-src", "connect-src", "require-trusted-types-for")}
    if path == "/browser/":
        assert tuple(scripts.values()) == ("'self'", demo.provider, "'script'")
        assert headers["Referrer-Policy"] == "no-referrer"
    else:
        assert set(scripts.values()) == {None}


@pytest.mark.parametrize("name", ["main", "oauth", "journal", "storage"])
def test_modules_of_the_browser_app_are_served_as_they_are(demo: Demo, name: str) -> None:
    status, headers = answer_of(f"{demo.apps}/static/clients/browser/{name}.js")
    assert status == 200
    assert headers["Content-Type"].split(";")[0] in {"text/javascript", "application/javascript"}


def test_api_of_the_demo_asks_for_a_token(demo: Demo) -> None:
    assert answer_of(f"{demo.provider}/api/user-profile")[0] == 401


def test_pages_of_swagger_ui_keep_the_popup_in_reach_and_scripts_out(demo: Demo) -> None:
    for path in ("/api/docs/", "/api/docs/oauth2-redirect.html"):
        _status, headers = answer_of(demo.provider + path)
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_mcp_server_of_the_demo_leads_to_its_metadata(demo: Demo) -> None:
    status, headers = answer_of(f"{demo.provider}/mcp")
    metadata = f"{demo.provider}/.well-known/oauth-protected-resource/mcp"
    assert (status, f'resource_metadata="{metadata}"' in headers["WWW-Authenticate"]) == (401, True)
    assert answer_of(metadata)[0] == 200


def test_home_page_links_to_every_app_and_says_as_whom(demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.provider}/", timeout=30) as answer:
        words = answer.read().decode()
    for address in ("/web/", "/browser/", "/tv/", "/machine/"):
        assert f'href="{demo.apps}{address}"' in words
    for account in ("demo", "guest", "admin"):
        assert f"<code>{account}</code>" in words


def test_nothing_listens_on_anything_but_loopback(demo: Demo) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: asks the routing table for the address this machine would use.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no other address")
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    for origin in (demo.provider, demo.apps):
        port = int(origin.rpartition(":")[2])
        assert (listens(port), listens(port, host=own)) == (True, False)


def test_tour_passes_twice_on_one_database_and_the_command_ends(tmp_path: Path) -> None:
    for _ in range(2):
        port, apps_port = free_port(), free_port()
        process = start(tmp_path / "demo.sqlite3", "--check", "--port", str(port), "--apps-port", str(apps_port))
        printed, _err = process.communicate(timeout=TOUR_SECONDS)
        assert process.returncode == 0, printed
        for number in range(1, STEPS + 1):
            assert f"━━ {number} · " in printed
        assert f"All {STEPS} steps happened" in printed
        assert "✗" not in printed
        assert "Traceback" not in printed
        assert not listens(port)
        assert not listens(apps_port)


@pytest.mark.parametrize("option", ["--port", "--apps-port"])
def test_taken_port_is_said_plainly(tmp_path: Path, taken: int, option: str) -> None:
    process = start(tmp_path / "demo.sqlite3", "--check", "--port", str(free_port()), option, str(taken))
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {taken} of 127.0.0.1 is taken" in printed
    assert option in printed
    assert "Traceback" not in printed


def test_apps_move_on_when_the_next_port_is_taken(tmp_path: Path, taken: int) -> None:
    process = start(tmp_path / "demo.sqlite3", "--no-tour", "--port", str(taken - 1))
    try:
        printed = wait_until_up(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert f":{taken - 1}/" in printed
    assert f":{taken}/" not in printed
    assert printed.count("/browser/") == 1


def test_ctrl_c_ends_both_sites_and_frees_their_ports(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    process = start(tmp_path / "demo.sqlite3", "--no-tour", "--port", str(ports[0]), "--apps-port", str(ports[1]))
    wait_until_up(process)
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0
    deadline = time.monotonic() + 10
    while any(map(listens, ports)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(listens, ports))
