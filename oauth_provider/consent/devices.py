"""A browser or device in words. What it says of itself is never proof, only what helps its owner to know it."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# Each pretends to be the ones after it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
# The product of a program that is no browser: `NotesTV/2.1 (Linux; living room)`.
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,39}")


def describe(user_agent: str) -> str:
    """Such as "Firefox on Windows", as far as the user agent says so; empty when it says nothing."""
    browser, system = _known(user_agent, _BROWSERS) or _product(user_agent), _known(user_agent, _SYSTEMS)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def _known(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in names if sign in user_agent), "")


def _product(user_agent: str) -> str:
    product = user_agent.partition("/")[0].strip()
    return product if product != "Mozilla" and _PRODUCT.fullmatch(product) else ""
