"""The measured site with Django's admin in front: what `bench.admin_lists` opens."""

from __future__ import annotations

from bench.settings import *  # noqa: F403  # the same site, and the admin
from bench.settings import INSTALLED_APPS as _APPS

ROOT_URLCONF = "bench.admin_urls"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.staticfiles", *_APPS]
