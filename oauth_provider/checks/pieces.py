"""The pieces of the site we stand on: middleware, apps, the sign-in page, the database, REST framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.module_loading import import_string

from oauth_provider.checks import mount
from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf

_CORS = "corsheaders.middleware.CorsMiddleware"
_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
_APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions")
_AUTHENTICATION = "oauth_provider.drf"


def check_middleware(**_: Any) -> list[CheckMessage]:
    """E020 to E023, once our URLs are included."""
    if mount.token_path() is None:
        return []
    found = [] if _has_middleware(_CORS) else [message("E020")]
    if not apps.is_installed("corsheaders"):
        found.append(message("E021"))
    found.extend(message("E022", middleware=path) for path in _MIDDLEWARE if not _has_middleware(path))
    found.extend(message("E023", app=name) for name in _APPS if not apps.is_installed(name))
    return found


def _has_middleware(path: str) -> bool:
    """Whether it, or a subclass of it, is in MIDDLEWARE."""
    if path in settings.MIDDLEWARE:
        return True
    wanted = import_string(path)
    return any(isinstance(own, type) and issubclass(own, wanted) for own in map(_import, settings.MIDDLEWARE))


def _import(path: str) -> object:
    try:
        return import_string(path)
    except ImportError:
        return None  # Django says so itself when it starts


def check_login_url(**_: Any) -> list[CheckMessage]:
    """I001, once our URLs are included."""
    if mount.token_path() is None:
        return []
    try:
        path = resolve_url(settings.LOGIN_URL)
    except NoReverseMatch:
        path = ""
    # Another host may serve it: that cannot be seen from here.
    if "://" in path or path.startswith("//") or (path and mount.is_served(path.partition("?")[0])):
        return []
    return [message("I001", login_url=str(settings.LOGIN_URL))]


def check_sqlite(**_: Any) -> list[CheckMessage]:
    """W010: a transaction that begins with a read cannot be upgraded while another writes."""
    return [
        message("W010", alias=alias)
        for alias, database in settings.DATABASES.items()
        if database.get("ENGINE") == "django.db.backends.sqlite3"
        and str(database.get("OPTIONS", {}).get("transaction_mode", "")).upper() != "IMMEDIATE"
    ]


def check_authentication_order(**_: Any) -> list[CheckMessage]:
    """W020: in REST framework the first class that recognises a request decides."""
    paths = list(authentication_classes())
    ours = next((index for index, path in enumerate(paths) if path.startswith(_AUTHENTICATION)), None)
    if ours is None:
        return []
    return [
        message("W020", other=path, ours=paths[ours])
        for path in paths[:ours]
        if path.rpartition(".")[2] == "SessionAuthentication"
    ]


def authentication_classes() -> Iterator[str]:
    """The dotted names of REST framework's default authentication classes."""
    given = getattr(settings, "REST_FRAMEWORK", None) or {}
    for item in given.get("DEFAULT_AUTHENTICATION_CLASSES") or ():
        yield item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}"


def check_name_is_ours(**_: Any) -> list[CheckMessage]:
    """E024: another distribution brings a package of our name."""
    try:
        metadata.distribution("django-oauth-plus")
    except metadata.PackageNotFoundError:
        return []
    return [message("E024")]


def check_api_resource(**_: Any) -> list[CheckMessage]:
    """E025, once the URLs of the management API are included: a token is for one resource, so the API must be one."""
    if not is_readable() or not mount.paths_of("oauth_provider.api"):
        return []
    declared: object = conf.RESOURCES  # whatever it is, E002 says so
    is_missing = isinstance(declared, Mapping) and len(declared) > 1 and conf.ISSUER not in declared
    return [message("E025", issuer=conf.ISSUER)] if is_missing else []


def check_dpop_headers(**_: Any) -> list[CheckMessage]:
    """W055: a page reads and sends only the headers that CORS names (Fetch §3.2)."""
    if not is_readable() or not conf.DPOP_NONCE or not apps.is_installed("corsheaders"):
        return []
    from corsheaders.conf import conf as cors  # noqa: PLC0415  # there only where the app is installed

    sent, read = ({name.lower() for name in names} for names in (cors.CORS_ALLOW_HEADERS, cors.CORS_EXPOSE_HEADERS))
    missing = [
        *([] if "dpop" in sent else ["CORS_ALLOW_HEADERS lacks DPoP"]),
        *([] if "dpop-nonce" in read else ["CORS_EXPOSE_HEADERS lacks DPoP-Nonce"]),
    ]
    return [message("W055", missing=", ".join(missing))] if missing else []


def check_other_provider(**_: Any) -> list[CheckMessage]:
    """W032: django-allauth brings an OpenID provider of its own."""
    app = next((name for name in settings.INSTALLED_APPS if name.startswith("allauth.idp")), None)
    if app is None:
        return []
    home = mount.home_of("/.well-known/openid-configuration")
    who = {"allauth": "it answers, not this one", "oauth_provider": "this one answers"}.get(
        home.partition(".")[0], "neither answers"
    )
    return [message("W032", app=app, who=who)]


CHECKS = (
    check_middleware,
    check_login_url,
    check_authentication_order,
    check_name_is_ours,
    check_api_resource,
    check_dpop_headers,
)
# Of no concern where nothing is issued: nothing is written there.
ISSUER_CHECKS = (check_sqlite, check_other_provider)
