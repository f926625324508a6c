"""A site under ASGI, with a SQLite file of its own and nothing between the server and its views."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import OAUTH_PROVIDER as OF_TESTS

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["LIVE_DATABASE"],
        "OPTIONS": {"timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"},
    }
}
ROOT_URLCONF = "tests.uvicorn_site.urls"
MIDDLEWARE: list[str] = []
OAUTH_PROVIDER = {
    **OF_TESTS,
    "PROCESS_CACHE_SECONDS": 60,
    "JWT_STATE_CHECK": os.environ.get("LIVE_STATE_CHECK", "always"),
}
