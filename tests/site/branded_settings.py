"""The running site of tests.clients with a look of its own: base template, stylesheet, static files."""

from __future__ import annotations

from pathlib import Path

from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import TEMPLATES as _TEMPLATES

BRANDED = Path(__file__).parent / "branded"
TEMPLATES = [{**_TEMPLATES[0], "DIRS": [BRANDED / "templates"]}]
STATICFILES_DIRS = [BRANDED / "static"]
