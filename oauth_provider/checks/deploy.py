"""What is fine on a developer's machine and dangerous in front of people: `check --deploy`."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage

from oauth_provider import features, scopes
from oauth_provider.checks import rules
from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.clients import dynamic, response_types
from oauth_provider.conf import SESSION_POLICY_DEFAULTS, SESSION_POLICY_WORDS, conf

_SECRET_KEY_LENGTH = 50
_SECRET_KEY_DIFFERENT_SIGNS = 5
_CACHES = {
    "DummyCache": "limits on guessing are counted per process only, and nothing is remembered",
    "LocMemCache": "with more than one process each counts guesses for itself",
}
# What a weaker word of `SESSION_POLICY` leaves alive.
_LEFT_ALIVE = {
    "signed_out": "tokens given for a sign-in live on after the person signed out",
    "password_changed": "whoever knew the old password keeps what an app got with it",
    "deactivated": "what rests while a person is deactivated works again when they are reactivated",
    "groups_changed": "who left a group stays signed in to apps that only its members may use",
}
_LOGGERS = ("oauthlib", "requests_oauthlib", "oauth2_provider")


def check_switches(**_: Any) -> list[CheckMessage]:
    """W101 to W106."""
    hosts = settings.ALLOWED_HOSTS
    return [
        message(id_)
        for id_, is_wrong in (
            ("W101", settings.DEBUG),
            ("W102", _is_weak(settings.SECRET_KEY)),
            ("W103", not settings.SESSION_COOKIE_SECURE),
            ("W104", not settings.CSRF_COOKIE_SECURE and not settings.CSRF_USE_SESSIONS),
            ("W105", not settings.SECURE_HSTS_SECONDS),
            ("W106", "*" in hosts),
        )
        if is_wrong
    ]


def _is_weak(secret_key: str | bytes) -> bool:
    if len(secret_key) < _SECRET_KEY_LENGTH or len(set(secret_key)) < _SECRET_KEY_DIFFERENT_SIGNS:
        return True
    return isinstance(secret_key, str) and secret_key.startswith("django-insecure-")


def check_cache(**_: Any) -> list[CheckMessage]:
    """W107."""
    backend = str(settings.CACHES.get("default", {}).get("BACKEND", ""))
    name = backend.rpartition(".")[2]
    return [message("W107", backend=name, consequence=_CACHES[name])] if name in _CACHES else []


def check_state_check(**_: Any) -> list[CheckMessage]:
    """W108."""
    return [message("W108")] if is_readable() and conf.JWT_STATE_CHECK == "never" else []


def check_default_permission(**_: Any) -> list[CheckMessage]:
    """W109: REST framework's own default lets everybody in."""
    given = getattr(settings, "REST_FRAMEWORK", None) or {}
    permissions = [
        item if isinstance(item, str) else item.__name__ for item in given.get("DEFAULT_PERMISSION_CLASSES") or ()
    ]
    is_open = not permissions or all(name.rpartition(".")[2] == "AllowAny" for name in permissions)
    return [message("W109")] if is_open else []


def check_proxy_header(**_: Any) -> list[CheckMessage]:
    """W110: nobody but the site's people can know whether the proxy does its part."""
    header = settings.SECURE_PROXY_SSL_HEADER
    return [message("W110", header=header[0])] if header else []


def check_loggers(**_: Any) -> list[CheckMessage]:
    """W111."""
    return [
        message("W111", logger=name)
        for name in _LOGGERS
        if logging.getLogger(name).isEnabledFor(logging.DEBUG) and logging.getLogger(name).hasHandlers()
    ]


def check_legacy_response_types(**_: Any) -> list[CheckMessage]:
    """W124."""
    names = response_types.served()[1:] if is_readable() else ()
    return [message("W124", types=", ".join(names))] if names else []


def check_registration(**_: Any) -> list[CheckMessage]:
    """W121 and W122: what strangers may do once clients register themselves."""
    if not is_readable() or not features.registers_with_token():
        return []
    found = [message("W121")] if features.registers_strangers() else []
    known = scopes.registered()
    names = scopes.expand(dynamic.scopes_without_token())
    sensitive = sorted(name for name in names if name in known and known[name].sensitive)
    return [*found, *([message("W122", scopes=", ".join(sensitive))] if sensitive else [])]


def check_document_hosts(**_: Any) -> list[CheckMessage]:
    """W120."""
    return [message("W120")] if is_readable() and "*" in conf.CLIENT_ID_METADATA_HOSTS else []


def check_session_policy(**_: Any) -> list[CheckMessage]:
    """W123: less ends than by default."""
    if not is_readable() or rules.session_policy(conf.given.get("SESSION_POLICY", {})) is not None:
        return []
    chosen = {event: (word, SESSION_POLICY_DEFAULTS[event]) for event, word in conf.SESSION_POLICY.items()}
    return [
        message("W123", event=event, word=word, default=default, what=_LEFT_ALIVE[event])
        for event, (word, default) in chosen.items()
        if SESSION_POLICY_WORDS[event].index(word) < SESSION_POLICY_WORDS[event].index(default)
    ]


CHECKS = (check_switches, check_default_permission, check_proxy_header, check_loggers)
# Of no concern where nothing is issued.
ISSUER_CHECKS = (
    check_cache,
    check_state_check,
    check_registration,
    check_document_hosts,
    check_session_policy,
    check_legacy_response_types,
)
