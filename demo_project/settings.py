"""The demo site. Its passwords and its secret key are published: never put it on a network."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "insecure-published-with-the-source-for-the-demo-only-7f1c4e9ab2"
DEBUG = os.environ.get("DEMO_DEBUG", "1") == "1"
DEMO_PORT = int(os.environ.get("DEMO_PORT", "8000"))
# The apps are a site of their own (see clients/settings.py): another port is another origin.
DEMO_APPS_PORT = int(os.environ.get("DEMO_APPS_PORT", str(DEMO_PORT + 1)))
DEMO_APPS_ORIGIN = f"http://127.0.0.1:{DEMO_APPS_PORT}"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "demo_project.urls"
WSGI_APPLICATION = "demo_project.wsgi.application"
ASGI_APPLICATION = "demo_project.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "oauth_provider:login"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

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
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "oauth_provider",
    "demo_project",
    "demo_project.notes",
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

DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'demo.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers do not wait for the writer, and a transaction that will write says so at its start.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

if os.environ.get("CACHE_URL"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["CACHE_URL"],
        }
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth_provider.drf.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "oauth_provider.drf.schema.OAuth2AutoSchema",
}
# /api/schema/ and /api/docs/ (see api_docs.py); Swagger UI comes from this site, not from anybody's CDN.
SPECTACULAR_SETTINGS = {
    "TITLE": "Notes",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# The API may be called by the page of the app in the browser; /token and its like are opened by the provider itself,
# to the origins of registered clients.
CORS_ALLOWED_ORIGINS = [DEMO_APPS_ORIGIN]
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["WWW-Authenticate"]

ISSUER = os.environ.get("DEMO_ISSUER") or f"http://127.0.0.1:{DEMO_PORT}"
# The permissions themselves stand in notes/scopes.py, beside the API that asks for them.
OAUTH_PROVIDER = {
    "ISSUER": ISSUER,
    # Agents may read and write notes, if their person lets them; they cannot ask for more.
    "MCP": {"resource": f"{ISSUER}/mcp", "scopes": ["read", "write"]},
    "DEVICE_POLLING_INTERVAL": 2,
}

# The tour provokes refusals on purpose: what belongs in the terminal is what the provider tells its operator.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"operator": {"format": "    operator's log │ %(message)s"}},
    "handlers": {"operator": {"class": "logging.StreamHandler", "formatter": "operator"}},
    "loggers": {
        "oauth_provider": {"handlers": ["operator"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "ERROR"},
    },
}
