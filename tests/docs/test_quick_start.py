"""The README's quick start, pasted block by block into an empty project, with the built wheel."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.docs.markdown import ROOT, blocks, section
from tests.docs.startproject import Project, build_wheel, start

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the quick start calls curl, which is not installed"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def project(tmp_path: Path, wheel: Path) -> Project:
    return start(tmp_path, wheel)


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
