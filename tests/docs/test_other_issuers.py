"""The resource server of docs/other-issuers.md is a site: its blocks are put into files and its tests run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.docs.markdown import ROOT, blocks, section

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "other-issuers.md"


def test_resource_server_of_the_page_passes_the_tests_of_the_page(tmp_path: Path) -> None:
    settings, urls = (
        block.code for block in blocks(PAGE, text=section(PAGE, "A site that only protects an API")) if block.code
    )
    (tests,) = (block.code for block in blocks(PAGE, text=section(PAGE, "In tests")))
    base = "SECRET_KEY = 'k' * 60\nROOT_URLCONF = 'urls'\nUSE_TZ = True\nALLOWED_HOSTS = ['*']\n"
    (tmp_path / "settings.py").write_text(base + settings, encoding="utf-8")
    (tmp_path / "urls.py").write_text(urls, encoding="utf-8")
    (tmp_path / "tests.py").write_text(tests, encoding="utf-8")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    for arguments in (["check"], ["test", "tests"]):
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Ran 2 tests" in done.stderr
