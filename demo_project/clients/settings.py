"""The apps' site: no database, no account, no line of the provider's code. What it keeps dies with its process."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = "insecure-published-with-the-source-for-the-demo-only-2b60d1c87e"
DEBUG = os.environ.get("DEMO_DEBUG", "1") == "1"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "demo_project.clients.urls"
USE_TZ = True
STATIC_URL = "/static/"
# The provider's stylesheet is borrowed, and nothing else of it.
STATICFILES_DIRS = [
    ("oauth_provider", str(BASE_DIR / "oauth_provider" / "static" / "oauth_provider")),
    ("demo_project", str(BASE_DIR / "demo_project" / "static" / "demo_project")),
]

PROVIDER = os.environ.get("DEMO_ISSUER") or f"http://127.0.0.1:{os.environ.get('DEMO_PORT', '8000')}"
ORIGIN = f"http://127.0.0.1:{os.environ.get('DEMO_APPS_PORT', '8001')}"

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "demo_project.clients",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "demo_project.policy.PagePolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
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
                "django.contrib.messages.context_processors.messages",
                "demo_project.clients.pages.places",
            ]
        },
    }
]

# Tokens stay on the server: in the memory of this process, under a random key in the person's cookie.
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Cookies know no ports (RFC 6265 §8.5): under the usual names they would be the provider's.
SESSION_COOKIE_NAME = "apps_sessionid"
CSRF_COOKIE_NAME = "apps_csrftoken"
SESSION_COOKIE_SAMESITE = "Lax"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "ERROR"}, "django.server": {"level": "ERROR"}},
}
