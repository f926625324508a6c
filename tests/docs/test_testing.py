"""docs/testing.md: every file on the page is a test file, and is run as a site would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from oauth_provider import testing
from oauth_provider.testing import OAuthAttackTests, as_app, factories, plugin
from tests.docs.markdown import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "testing.md"
CONFTEST = """\
import pytest

@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada")
"""


def test_every_file_on_the_page_passes(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    files = [block for block in blocks(PAGE) if block.language == "python"]
    names = [block.code.splitlines()[0].removeprefix("# ") for block in files]
    assert len(set(names)) == len(files)
    for name, block in zip(names, files, strict=True):
        assert name.startswith("test_")
        (tmp_path / name).write_text(block.code)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "COV_"))}
    environment = {**own, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.kit.documented_settings"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", plugin.__name__, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        assert f"{name}::" not in done.stdout, done.stdout  # skipped or failed


def test_page_names_everything_there_is() -> None:
    page = PAGE.read_text()
    attacks = [name for name in dir(OAuthAttackTests) if name.startswith("test_")]
    attributes = [name for name in vars(OAuthAttackTests) if not name.startswith(("_", "test_"))]
    rows = [name for name, kind in vars(factories).items()
            if name.endswith("Factory") and kind.__module__ == factories.__name__]  # fmt: skip
    arguments = list(as_app.__kwdefaults__)
    for name in (*attacks, *attributes, *rows, *arguments, *testing.__all__):
        assert f"`{name}" in page or f"{name}(" in page, name
