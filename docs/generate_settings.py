"""Writes docs/settings.md from oauth_provider/conf.py: `python docs/generate_settings.py`"""  # noqa: INP001

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from oauth_provider.conf import NAMES, Conf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = Path(__file__).with_name("settings.md")

_HEAD = """\
# Settings

<!-- Made by docs/generate_settings.py from oauth_provider/conf.py; change it there. -->

One dict in your settings, `OAUTH_PROVIDER`. Every setting has a default that is safe; an unknown name is an
error at start. Durations are seconds or a `timedelta`.

```python
from datetime import timedelta

OAUTH_PROVIDER = {
    "ISSUER": "https://accounts.example.com",
    "SCOPES": {"read": "Read your notes", "write": "Change your notes"},
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
}
```
"""


class _Bare(Conf):
    """The settings of a site that wrote nothing."""

    @property
    def given(self) -> Mapping[str, Any]:
        return {}


def render() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    bare = _Bare()
    for name in NAMES:
        yield f"## `{name}`\n"
        yield f"{inspect.getdoc(getattr(Conf, name))}\n"
        # The issuer's default depends on DEBUG; its docstring says how.
        if name != "ISSUER":
            yield f"Default: `{_spell(getattr(bare, name))}`\n"


def _spell(value: object) -> str:
    return '""' if value == "" else repr(value) if not isinstance(value, str) else f'"{value}"'


if __name__ == "__main__":
    settings.configure()
    PAGE.write_text(render(), encoding="utf-8")
