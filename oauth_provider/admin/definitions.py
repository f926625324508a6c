"""What JSON says, as people read it: a definition list."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

# Deeper than anything of ours; what lies below is shown as it is written.
_DEPTH = 4


def definitions(value: object, *, depth: int = 0) -> str:
    """The value as safe HTML: objects as definition lists, lists with commas, everything else as text."""
    if isinstance(value, dict) and value and depth < _DEPTH:
        rows = ((str(name).replace("_", " "), definitions(inner, depth=depth + 1)) for name, inner in value.items())
        return format_html(
            '<dl class="oauth-definitions">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
        )
    if isinstance(value, list) and value and depth < _DEPTH:
        return format_html_join(", ", "{}", ((definitions(inner, depth=depth + 1),) for inner in value))
    return format_html("{}", _word(value))


def _word(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value is None or value in ("", [], {}) else value
