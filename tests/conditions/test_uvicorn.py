"""Under uvicorn: an async view answers within its budget, and what it costs in hops is what the documentation says."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.live_site import ROOT, START_SECONDS, free_port

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Site:
    port: int
    tokens: dict[str, str]

    def get(self, address: str, token: str = "") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", address, headers={"Authorization": f"Bearer {token}"} if token else {})
            response = connection.getresponse()
            body = json.loads(response.read())
        finally:
            connection.close()
        return Answer(response.status, body, int(response.headers["X-Hops"]), int(response.headers["X-Statements"]))


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    hops: int
    statements: int


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Site]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.uvicorn_site.serve", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.uvicorn_site.settings",
            "LIVE_DATABASE": str(folder / "site.sqlite3"),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, process.communicate()[1][-2000:]
        site = Site(port, json.loads(said))
        wait_for(site, process)
        yield site
    finally:
        process.terminate()
        process.communicate(timeout=20)


def wait_for(site: Site, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1][-2000:]
        try:
            site.get("/bare/200")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The site did not answer within {START_SECONDS} s.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    """Of both servers: the second finds a database."""
    made: Path = tmp_path_factory.mktemp("uvicorn")
    return made


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with running(folder) as running_site:
        # The first request reads the keys.
        running_site.get("/protected", running_site.tokens["enough"])
        yield running_site


@pytest.mark.parametrize("address", ["/protected", "/protected-sync", "/rest", "/ninja"])
def test_views_answer_200_401_and_403(site: Site, address: str) -> None:
    enough, little = site.get(address, site.tokens["enough"]), site.get(address, site.tokens["little"])
    assert enough.status == 200
    assert enough.body["client"]
    assert (little.status, little.body["code"]) == (403, "insufficient_scope")
    assert site.get(address).status == 401
    assert site.get(address, "eyJ.a.b").status == 401
    assert site.get(address, site.tokens["machine"]).status == 200


@pytest.mark.parametrize("address", ["/protected", "/protected-sync", "/rest", "/ninja"])
@pytest.mark.parametrize("who", ["enough", "little", "machine"])
def test_one_statement(site: Site, address: str, who: str) -> None:
    assert site.get(address, site.tokens[who]).statements == 1


def of_django(site: Site, status: int, *, view: str = "bare") -> int:
    """The hops of a view that asks for nothing: Django has its own, and one more to log a refusal."""
    return site.get(f"/{view}/{status}").hops


@pytest.mark.parametrize(("who", "status"), [("enough", 200), ("little", 403)])
@pytest.mark.parametrize("address", ["/protected", "/ninja"])
def test_async_view_makes_one_hop_more_than_one_that_asks_for_nothing(
    site: Site, address: str, who: str, status: int
) -> None:
    assert site.get(address, site.tokens[who]).hops == of_django(site, status) + 1


@pytest.mark.parametrize("address", ["/protected", "/ninja"])
def test_async_view_makes_no_hop_without_a_token(site: Site, address: str) -> None:
    assert site.get(address).hops == of_django(site, 401)


# Of REST framework's answers Django renders each in a hop of its own.
@pytest.mark.parametrize(("address", "of_the_view"), [("/protected-sync", 1), ("/rest", 2)])
def test_sync_view_makes_the_hops_of_every_sync_view_and_none_more(site: Site, address: str, of_the_view: int) -> None:
    for who, status in (("enough", 200), ("little", 403)):
        assert site.get(address, site.tokens[who]).hops == of_django(site, status) + of_the_view
        assert of_django(site, status, view="bare-sync") == of_django(site, status) + 1


@pytest.mark.usefixtures("site")
def test_jwt_that_is_believed_makes_no_hop_and_no_statement(folder: Path) -> None:
    with running(folder, LIVE_STATE_CHECK="never") as believing:
        for address in ("/protected", "/ninja"):
            believing.get(address, believing.tokens["enough"])
            answer = believing.get(address, believing.tokens["enough"])
            assert (answer.status, answer.statements) == (200, 0)
            assert answer.hops == of_django(believing, 200)
