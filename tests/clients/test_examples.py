"""What the result page of guided add offers is saved and run as it stands; a person is there where one is needed."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from tests.clients.http_browser import HttpBrowser
from tests.clients.serve import CALLBACK
from tests.flow import query_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, pytest.mark.slow]

ADD = "/admin/oauth_provider/client/add/"
SECONDS = 60


@dataclass(frozen=True)
class Page:
    """The result page's four texts."""

    env: str
    curl: str
    python: str
    javascript: str


@pytest.fixture
def root(site) -> Iterator[HttpBrowser]:
    """The administrator."""
    person = HttpBrowser(site.url, "root", "root-password")
    person.press(person.go(f"{site.url}/admin/"), having="username", username="root", password="root-password")
    yield person
    person.close()


def add(root: HttpBrowser, profile: str, **fields) -> Page:
    """Guided add over HTTP, as a person does it."""
    form = root.go(f"{root.site}{ADD}?profile={profile}")
    done = root.press(form, having="once", name=f"Example {profile}", scopes=["read"], **fields)
    assert done.status_code == 200, done.text
    found = [html.unescape(text) for text in re.findall(r"<textarea[^>]*>([^<]*)</textarea>", done.text)]
    assert len(found) == 4, done.text
    return Page(*found)


def run(page: Page, language: str, folder: Path) -> subprocess.Popen[str]:
    """The program in a folder of its own, in a shell that has read `.env`, as the page says."""
    (folder / ".env").write_text(page.env)
    if language == "curl":
        (folder / "start.sh").write_text("set -e\n" + page.curl.replace("curl ", "curl -sS "))
        command = "sh ./start.sh"
    elif language == "python":
        (folder / "start.py").write_text(page.python)
        command = f'"{sys.executable}" -u start.py'
    else:
        if shutil.which("node") is None:
            pytest.skip("node is not installed")
        (folder / "start.mjs").write_text(page.javascript)
        command = "node start.mjs"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        ["sh", "-c", f"set -a; . ./.env; set +a; exec {command}"], cwd=folder, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(process: subprocess.Popen[str], *, typed: str = "") -> str:
    """What it prints until it ends; `typed` is what a person types."""
    output, _none = process.communicate(typed or None, timeout=SECONDS)
    assert process.returncode == 0, output
    return output


def line_with(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """The first line that fits; a program that says nothing is ended."""
    timer = Timer(SECONDS, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no line like {pattern}")
    finally:
        timer.cancel()


def assert_token(output: str) -> None:
    """A token response, as JSON, as Python and as Node print it."""
    assert re.search(r"""['"]?access_token['"]?:\s*['"]ey""", output), output
    assert "Bearer" in output
    assert "error" not in output


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
def test_machine_gets_its_token(root, tmp_path, language):
    page = add(root, "machine")
    assert_token(finish(run(page, language, tmp_path)))


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
@pytest.mark.parametrize("profile", ["web", "native"])
def test_code_flow_with_a_person(root, browser, tmp_path, profile, language):
    page = add(root, profile, redirect_uris=CALLBACK)
    process = run(page, language, tmp_path)
    address = line_with(process, r"(https?://\S+/authorize\?\S+)")[1]
    landed = browser.decide(address)
    typed = query_of(landed)["code"] if language == "curl" else landed
    assert_token(finish(process, typed=f"{typed}\n"))


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_device_with_a_person(root, browser, tmp_path, site, language):
    process = run(add(root, "device"), language, tmp_path)
    user_code = line_with(process, r"enter (\S+)")[1]
    browser.connect_device(f"{site.url}/device", user_code=user_code)
    assert_token(finish(process))


def test_device_with_curl(root, browser, tmp_path, site):
    process = run(add(root, "device"), "curl", tmp_path)
    timer = Timer(SECONDS, process.kill)
    timer.start()
    started = ""
    while not started.endswith("}"):
        started += process.stdout.read(1)
    timer.cancel()
    device = json.loads(started)
    browser.connect_device(f"{site.url}/device", user_code=device["user_code"])
    assert_token(finish(process, typed=f"{device['device_code']}\n"))


def test_program_that_gets_another_ones_answer_stops(root, browser, tmp_path):
    page = add(root, "web", redirect_uris=CALLBACK)
    process = run(page, "python", tmp_path)
    landed = browser.decide(line_with(process, r"(https?://\S+/authorize\?\S+)")[1])
    output, _none = process.communicate(landed.replace("state=", "state=x"), timeout=SECONDS)
    assert process.returncode != 0
    assert "not meant for this program" in output
