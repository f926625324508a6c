"""docs/settings.md is what `python docs/generate_settings.py` writes today."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from oauth_provider.conf import NAMES
from tests.docs.markdown import ROOT


@pytest.fixture
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_settings", ROOT / "docs" / "generate_settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_settings_page_is_current(generator: ModuleType) -> None:
    assert generator.PAGE.read_text(encoding="utf-8") == generator.render(), (
        "run: PYTHONPATH=. python docs/generate_settings.py"
    )


def test_every_setting_has_its_section(generator: ModuleType) -> None:
    page = generator.PAGE.read_text(encoding="utf-8")
    assert [name for name in NAMES if f"\n## `{name}`\n" not in page] == []
