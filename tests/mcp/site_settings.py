"""The demo's settings, for a site whose internet is the test's own."""

from __future__ import annotations

import os

from demo_project.settings import *  # noqa: F403
from demo_project.settings import OAUTH_PROVIDER as _OAUTH_PROVIDER

# How strong the hash is of passwords that are their names is not what is tested.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OAUTH_PROVIDER = {**_OAUTH_PROVIDER, "EGRESS_PROXY": os.environ["LIVE_PROXY"]}
