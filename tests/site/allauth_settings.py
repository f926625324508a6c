"""The running site of tests.clients with django-allauth, a second factor included."""

from __future__ import annotations

from tests.clients.site_settings import *  # noqa: F403
from tests.clients.site_settings import INSTALLED_APPS as _INSTALLED_APPS
from tests.clients.site_settings import MIDDLEWARE as _MIDDLEWARE

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
LIVE_PROVIDE = "tests.site.allauth_provide.provide"
