"""The site the tests run in. `DATABASE_URL` and `CACHE_URL` move the same suite to PostgreSQL and Redis."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import dj_database_url
import django

SECRET_KEY = "only-for-tests-" + "k" * 50
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "provider.example"]
ROOT_URLCONF = "tests.urls"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "oauth_provider",
    "oauth_provider.api",
    "tests.orgs",
]
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or "sqlite:///:memory:")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL;",
    }

else:
    # A test that leaves a transaction open fails the next one, instead of holding it up for ever.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        "-c lock_timeout=90s -c idle_in_transaction_session_timeout=120s"
    )

if os.environ.get("CACHE_URL"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            # Each test starts by emptying the cache, and Redis empties a whole database: each worker has its own.
            "LOCATION": urlsplit(os.environ["CACHE_URL"])
            ._replace(path=os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
            .geturl(),
        }
    }

# Django 6.1 has mailers by name; before, EMAIL_BACKEND is what a test run replaces.
if django.VERSION >= (6, 1):
    MAILERS: dict[str, dict[str, object]] = {"default": {}}

# Tests sign people in often; the strength of the hash is not what they test.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth_provider.drf.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

OAUTH_PROVIDER = {
    "ISSUER": "https://provider.example",
    "PROCESS_CACHE_SECONDS": 0,
    # No statement of another request's stamp in a test that counts statements.
    "LAST_USED_SECONDS": 0,
    "SCOPES": {"read": "Read your notes", "write": "Change your notes", "introspection": "Ask about tokens"},
}
