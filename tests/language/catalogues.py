"""The catalogues as files: what they hold, and what the source would put into them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib

import oauth_provider

PACKAGE = Path(oauth_provider.__file__).parent
LOCALE = PACKAGE / "locale"
# The words of the source, and what a new catalogue is copied from.
TEMPLATE = LOCALE / "en" / "LC_MESSAGES" / "django.po"
COMPLETE = ("de",)

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
_TAG = re.compile(r"<[^>]+>")


def po_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def key_of(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def pairs_of(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each text of the source with the one that stands for it."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid if form == 0 else entry.msgid_plural, text) for form, text in entry.msgstr_plural.items()]


def placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def tags(text: str) -> list[str]:
    return sorted(_TAG.findall(text))


def extract(folder: Path) -> polib.POFile:
    """What the source says now, read into a copy of the package in `folder`."""
    copy = folder / "oauth_provider"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.po", "*.mo", "static"))
    (copy / "locale").mkdir(exist_ok=True)
    shutil.rmtree(copy / "locale" / "de", ignore_errors=True)
    # The words do not hang on a site: none is configured.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-wrap", "--add-location", "file"],
        cwd=copy, env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return polib.pofile(str(copy / "locale" / "en" / "LC_MESSAGES" / "django.po"))
