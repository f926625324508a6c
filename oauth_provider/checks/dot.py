"""django-oauth-toolkit's own pages, middleware and backend beside ours: they do not know our tokens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage

from oauth_provider.checks import mount
from oauth_provider.checks.messages import message

_SHOWN = 5
_INSTEAD = {
    "oauth2_provider.middleware.OAuth2TokenMiddleware": "oauth_provider.middleware.AccessMiddleware",
    "oauth2_provider.middleware.OAuth2ExtraTokenMiddleware": "oauth_provider.middleware.AccessMiddleware",
    "oauth2_provider.backends.OAuth2Backend": "oauth_provider.middleware.AccessMiddleware or scope_required",
}


def check_pages(**_: Any) -> list[CheckMessage]:
    """W030. Before our URLs are included its pages are the site's only ones, and right."""
    if mount.token_path() is None:
        return []
    paths = mount.paths_of("oauth2_provider.views")
    if not paths:
        return []
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return [message("W030", paths=", ".join(f"/{path}" for path in paths[:_SHOWN]) + more)]


def check_middleware(**_: Any) -> list[CheckMessage]:
    """W031, once our URLs are included."""
    if mount.token_path() is None:
        return []
    used = (*settings.MIDDLEWARE, *settings.AUTHENTICATION_BACKENDS)
    return [message("W031", name=name, instead=_INSTEAD[name]) for name in used if name in _INSTEAD]


CHECKS = (check_pages, check_middleware)
