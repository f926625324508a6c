"""The small site with a user model and an Application of its own, both with UUID keys."""

from __future__ import annotations

from tests.dot.site_plain import *  # noqa: F403
from tests.dot.site_plain import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.dot.uuid_site"]
AUTH_USER_MODEL = "uuid_site.Person"
OAUTH2_PROVIDER_APPLICATION_MODEL = "uuid_site.App"
