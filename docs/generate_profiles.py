"""Write the table of profiles in docs/clients.md: `PYTHONPATH=. python docs/generate_profiles.py`."""  # noqa: INP001

from __future__ import annotations

import os
from pathlib import Path

import django

PAGE = Path(__file__).with_name("clients.md")
MARK = "<!-- profiles -->"


def table() -> str:
    """What each profile implies, one column a profile."""
    from oauth_provider.clients import modern  # noqa: PLC0415  # after django.setup()
    from oauth_provider.values import Profile  # noqa: PLC0415

    profiles = [profile for profile in Profile if profile != Profile.IMPORTED]
    explained = [modern.explain(profile) for profile in profiles]
    head = ["", *(f"`{profile}`" for profile in profiles)]
    rows = [[column[0].title, *(implied.value for implied in column)] for column in zip(*explained, strict=True)]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def render(page: str) -> str:
    """The page with the table after its mark."""
    before, _mark, after = page.partition(MARK)
    rest = after.lstrip("\n")
    while rest.startswith("|"):
        rest = rest.partition("\n")[2]
    return f"{before}{MARK}\n\n{table()}\n\n{rest.lstrip()}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(render(PAGE.read_text()))
