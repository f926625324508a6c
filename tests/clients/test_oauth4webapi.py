"""oauth4webapi, the certified JavaScript client, against the provider on a real socket."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients import node

if TYPE_CHECKING:
    from tests.clients.http_browser import HttpBrowser

pytestmark = [pytest.mark.npm, pytest.mark.live, pytest.mark.slow]

HERE = Path(__file__).parent / "oauth4webapi"
WALK_SECONDS = 120
EACH = ["code", "userinfo", "access token", "refresh", "introspection", "revocation"]
STEPS = [
    "discovery",
    *[f"{step} web" for step in EACH],
    *[f"{step} native" for step in EACH],
    "denied",
    "client credentials",
    "wrong secret",
    "device",
    "registration",
    "registered client",
    "registration refused",
    "registration changed and ended",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with its one dependency, outside the checkout."""
    return node.install(HERE, tmp_path_factory.mktemp("oauth4webapi"))


def test_oauth4webapi_accepts_every_answer(folder, site, browser):
    assert node.walk(folder, site, partial(_do, browser), seconds=WALK_SECONDS) == STEPS


def _do(browser: HttpBrowser, asked: dict[str, str]) -> dict[str, str] | None:
    """What the client asks a person to do; None where it only tells."""
    if "open" in asked:
        return {"answer": browser.decide(asked["open"], asked["decision"])}
    if "device" in asked:
        return {"answer": browser.connect_device(asked["device"])}
    return None
