"""The objects that were chosen for a grant or a consent, as a line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from oauth_provider import targets

if TYPE_CHECKING:
    from oauth_provider.models import Consent, Grant


def objects_of(row: Grant | Consent) -> str:
    """Kind and keys, without a statement; empty where nothing is about objects."""
    told = []
    for kind, keys in sorted(targets.load(row.targets).items()):
        what = _("all, also later ones") if targets.ALL in keys else ", ".join(keys) or _("none")
        told.append(f"{kind}: {what}")
    return "; ".join(told)
