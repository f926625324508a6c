"""Sites to check, as settings: tuples of URL patterns serve as ROOT_URLCONF."""

from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.core.checks import run_checks
from django.urls import include, path

LOGIN = path("accounts/login/", auth_views.LoginView.as_view(), name="login")
AT_ROOT = (path("", include("oauth_provider.urls")), LOGIN)
UNDER_PREFIX = (path("o/", include("oauth_provider.urls")), LOGIN)
UNDER_PREFIX_WITH_WELL_KNOWN = (*UNDER_PREFIX, path("", include("oauth_provider.well_known")))
BESIDE_DOT = (*AT_ROOT, path("dot/", include("oauth2_provider.urls", namespace="oauth2_provider")))
ONLY_DOT = (path("dot/", include("oauth2_provider.urls", namespace="oauth2_provider")), LOGIN)
NOTHING = (LOGIN,)


def found(*, deploy: bool = False) -> dict[str, str]:
    """Our messages of the static checks: id without the prefix to sentence and fix."""
    return by_id(run_checks(tags=["oauth_provider"], include_deployment_checks=deploy))


def found_in_database() -> dict[str, str]:
    """As `found`, of the checks that need the database."""
    return by_id(run_checks(tags=["database"], databases=["default"]))


def by_id(messages: list) -> dict[str, str]:
    return {
        message.id.removeprefix("oauth_provider."): f"{message.msg}\n{message.hint}"
        for message in messages
        if message.id.startswith("oauth_provider.")
    }
