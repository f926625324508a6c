"""The demo's provider and MCP server on a real socket, for agents with the official SDKs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients.live_site import free_port
from tests.mcp.outside import Outside

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class AgentSite:
    """Where the site is, and the internet it has."""

    url: str
    outside: Outside

    @property
    def mcp(self) -> str:
        return f"{self.url}/mcp"


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[AgentSite]:
    folder, port = tmp_path_factory.mktemp("mcp"), free_port()
    outside, log = Outside(folder), folder / "site.log"
    foreign = {"CACHE_URL", "DEMO_ISSUER"}
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.mcp.serve", str(port)],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if name not in foreign},
                "DJANGO_SETTINGS_MODULE": "tests.mcp.site_settings",
                "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
                "DEMO_PORT": str(port),
                "LIVE_PROXY": outside.proxy,
                "SSL_CERT_FILE": str(outside.authority),
            },
            stdin=subprocess.DEVNULL, stdout=written, stderr=written,
        )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}", process, log=log)
        yield AgentSite(f"http://127.0.0.1:{port}", outside)
    finally:
        process.terminate()
        process.wait(20)
        outside.stop()


def _wait_for(url: str, process: subprocess.Popen[bytes], *, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"The site ended before it answered:\n{log.read_text()[-3000:]}"
        try:
            with opener.open(f"{url}/jwks", timeout=5):
                return
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{error.code}:\n{log.read_text()[-3000:]}") from error
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"The site did not answer within {START_SECONDS} s.")
