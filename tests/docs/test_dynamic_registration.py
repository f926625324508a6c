"""The page about dynamic registration, run line by line against a site on a real socket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.live_site import running_site
from tests.docs.markdown import ROOT, blocks, section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.clients.live_site import LiveSite

PAGE = ROOT / "docs" / "dynamic-registration.md"
SECONDS = 60

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the page calls curl, which is not installed"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[LiveSite]:
    with running_site(folder) as running:
        yield running


def run(line: str, **variables: str) -> dict[str, Any]:
    """What a line of the page prints, as JSON; nothing for an answer without content."""
    environment = {**os.environ, "NO_PROXY": "*", **variables}
    done = subprocess.run(
        ["bash", "-c", line], env=environment, text=True, capture_output=True, timeout=SECONDS, check=True
    )
    return json.loads(done.stdout or "{}")


def commands(title: str) -> list[str]:
    return [line for block in blocks(PAGE, text=section(PAGE, title)) for line in block.commands]


def test_registering_and_the_same_answer_again(site: LiveSite) -> None:
    first, repeated = commands("Registering")
    answer = run(first, ISSUER=site.url)
    (shown,) = [block for block in blocks(PAGE, text=section(PAGE, "Registering")) if block.language == "json"]
    assert set(answer) == set(json.loads(shown.code))
    assert run(repeated, ISSUER=site.url) == run(repeated, ISSUER=site.url)


def test_a_token_made_as_the_page_says_registers_a_machine(site: LiveSite, folder: Path) -> None:
    (make,) = [b for b in blocks(PAGE, text=section(PAGE, "Initial access tokens")) if b.language == "python"]
    program = f"import django\ndjango.setup()\n{make.code}\nprint(value)"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.clients.site_settings",
        "LIVE_DATABASE": str(folder / "site.sqlite3"),
        "LIVE_URL": site.url,
    }
    value = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, text=True, capture_output=True, timeout=SECONDS,
        check=True,
    ).stdout.strip()  # fmt: skip
    (register,) = commands("Initial access tokens")
    answer = run(register, ISSUER=site.url, INITIAL_ACCESS_TOKEN=value)
    assert (answer["grant_types"], answer["scope"]) == (["client_credentials"], "read")
    assert answer["client_secret"]


def test_reading_changing_and_ending(site: LiveSite) -> None:
    answer = run(commands("Registering")[0], ISSUER=site.url)
    read, change, end = commands("Reading, changing, ending a registration")

    def variables(told: dict[str, Any]) -> dict[str, str]:
        return {
            "CLIENT_ID": told["client_id"],
            "REGISTRATION_CLIENT_URI": told["registration_client_uri"],
            "REGISTRATION_ACCESS_TOKEN": told["registration_access_token"],
        }

    assert run(read, **variables(answer)) == answer
    changed = run(change, **variables(answer))
    assert changed["client_name"] == "Notes"
    assert run(read, **variables(answer))["error"] == "invalid_token"
    assert run(end, **variables(changed)) == {}
    assert run(read, **variables(changed))["error"] == "invalid_token"
