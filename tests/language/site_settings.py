"""The running site of tests.clients in three languages, one of them the pseudo-locale."""

from __future__ import annotations

import os

from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import MIDDLEWARE as _MIDDLEWARE

LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LOCALE_PATHS = [os.environ["LIVE_LOCALE"]]
_place = _MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
MIDDLEWARE = [*_MIDDLEWARE[:_place], "django.middleware.locale.LocaleMiddleware", *_MIDDLEWARE[_place:]]
