"""The running site of tests.clients with django-allauth, a second factor included."""

from __future__ import annotations

import os

from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import INSTALLED_APPS as _INSTALLED_APPS
from tests.clients.site_settings import MIDDLEWARE as _MIDDLEWARE
from tests.clients.site_settings import OAUTH_PROVIDER as _OAUTH_PROVIDER

INSTALLED_APPS = [*_INSTALLED_APPS, "allauth", "allauth.account", "allauth.mfa"]
MIDDLEWARE = [*_MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ROOT_URLCONF = "tests.site.urls_allauth"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp"]
# Short, so that a test may wait for it.
OAUTH_PROVIDER = {
    **_OAUTH_PROVIDER,
    "FRESH_SIGN_IN_LIFETIME": int(os.environ["LIVE_FRESH_SECONDS"]),
    "AUTHENTICATION_CONTEXT": "oauth_provider.sessions.authentication_context.from_allauth",
    "ACR_VALUES": ["urn:site:one-factor", "urn:site:two-factors"],
    "SIGN_UP_URL": "account_signup",
}
LIVE_PROVIDE = "tests.site.allauth_provide.provide"
