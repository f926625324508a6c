"""A site with everything a client's page can show; LIVE_LOOK chooses whose admin it is: Django's or django-unfold's."""

from __future__ import annotations

import os

from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import INSTALLED_APPS as _INSTALLED_APPS
from tests.clients.site_settings import OAUTH_PROVIDER as _OAUTH_PROVIDER

INSTALLED_APPS = [*(["unfold"] if os.environ["LIVE_LOOK"] == "unfold" else []), *_INSTALLED_APPS]
LIVE_PROVIDE = "tests.browser.admin.provide.provide"
ROOT_URLCONF = "tests.browser.admin.urls"
OAUTH_PROVIDER = {
    **_OAUTH_PROVIDER,
    # As a site has it: a suspension must be felt within this second.
    "PROCESS_CACHE_SECONDS": 1,
    "RESOURCES": {"https://payments.example/api": "Payments"},
    "ALLOWED_USERS_FUNCTIONS": {"employees": "tests.browser.admin.provide.is_employee"},
}
