"""Write the configurations in docs/recipes.md: `PYTHONPATH=. python docs/generate_recipes.py`."""  # noqa: INP001

from __future__ import annotations

import os
import re
from pathlib import Path

import django

PAGE = Path(__file__).with_name("recipes.md")
# What stands under a mark is written here, down to the end mark.
_MARKED = re.compile(r"(<!-- recipe (\w+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ISSUER = "https://accounts.example.com"
_CLIENT_ID, _COMPANION_ID = "c_0123456789abcdef01234567", "c_89abcdef0123456789abcdef"


def configuration(name: str, base_url: str) -> str:
    """The parts of a recipe as a page shows them."""
    from oauth_provider.clients.recipes import RECIPES  # noqa: PLC0415  # after django.setup()
    from oauth_provider.clients.recipes.recipe import Filled  # noqa: PLC0415

    recipe = RECIPES[name]
    filled = Filled(
        issuer=_ISSUER,
        base_url=base_url,
        client_id=_CLIENT_ID,
        secret="op_cs_…",
        scopes=recipe.scopes,
        companion_id=_COMPANION_ID if recipe.companion else "",
    )
    lines = [f"Written for {recipe.written_for}.", ""]
    for part in recipe.configuration(filled):
        lines += [f"{part.place}:", "", f"```{part.language}", part.text.rstrip(), "```", ""]
    return "\n".join(lines)


def render(page: str) -> str:
    """The page with the configurations of today under their marks."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{configuration(found[2], found[3])}\n{found[4]}", page)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(render(PAGE.read_text()))
