"""The settings of tests, for a site that runs by itself."""

from __future__ import annotations

import os
from pathlib import Path

import django

from oauth_provider.scopes import Scope
from tests.settings import *  # noqa: F403
from tests.settings import OAUTH_PROVIDER as _OAUTH_PROVIDER

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["LIVE_DATABASE"],
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }
}
# Beside the database, where a test can read them.
MAILS = str(Path(os.environ["LIVE_DATABASE"]).parent / "mails")
if django.VERSION >= (6, 1):
    MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": MAILS}}
    }
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAILS
OAUTH_PROVIDER = {
    **_OAUTH_PROVIDER,
    "ISSUER": os.environ["LIVE_URL"],
    "DEVICE_POLLING_INTERVAL": 1,
    "CLIENT_ID_METADATA_HOSTS": ["agent.example"],
    **({"EGRESS_PROXY": os.environ["LIVE_PROXY"]} if os.environ.get("LIVE_PROXY") else {}),
    "DYNAMIC_REGISTRATION": "open",
    "REGISTRATION_SCOPES": ["openid", "read"],
    "SCOPES": {
        **_OAUTH_PROVIDER["SCOPES"],
        "notes:write": Scope(
            "notes:write", "Change your notes", "Text, order and colour.", implies=("read",), group="Notes"
        ),
        "notes:share": Scope("notes:share", "Share your notes with others", group="Notes"),
        "pay": Scope("pay", "Pay in your name", "Up to 50 € a month.", sensitive=True, group="Money"),
    },
}
