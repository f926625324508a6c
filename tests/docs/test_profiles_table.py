"""The table of profiles in docs/clients.md is what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_table_of_profiles_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate_profiles", ROOT / "docs" / "generate_profiles.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    page = generator.PAGE.read_text()
    assert generator.render(page) == page, "PYTHONPATH=. python docs/generate_profiles.py"
