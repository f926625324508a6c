"""The configurations in docs/recipes.md are what the command prints."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from oauth_provider.clients.recipes import RECIPES

ROOT = Path(__file__).resolve().parent.parent.parent


def test_configurations_are_up_to_date_and_every_recipe_has_one() -> None:
    spec = importlib.util.spec_from_file_location("generate_recipes", ROOT / "docs" / "generate_recipes.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    page = generator.PAGE.read_text()
    assert generator.render(page) == page, "PYTHONPATH=. python docs/generate_recipes.py"
    assert [name for name in RECIPES if f"<!-- recipe {name} " not in page] == []
