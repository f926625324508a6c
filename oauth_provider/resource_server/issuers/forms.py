"""What each setting of a trusted issuer may look like, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.module_loading import import_string

_SECONDS = range(1, 61)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# What an access token's header may say; `JWT` is what everything else says too.
_TYPES = {"at+jwt", "jwt", ""}

Rule = tuple[Callable[[Any], bool], str]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def is_names(value: object) -> bool:
    """A list of strings with something in them."""
    return isinstance(value, list | tuple | set | frozenset) and bool(value) and all(map(_is_name, value))


def _is_name_or_names(value: object) -> bool:
    return _is_name(value) or is_names(value)


def is_audience(value: object) -> bool:
    """One or several audiences, or those of each resource."""
    if isinstance(value, Mapping):
        return bool(value) and all(_is_name(key) and _is_name_or_names(item) for key, item in value.items())
    return _is_name_or_names(value)


def _is_scopes_by_role(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        _is_name(role) and _is_name_or_names(scopes) for role, scopes in value.items()
    )


def _is_types(value: object) -> bool:
    is_list = isinstance(value, list | tuple) and bool(value)
    return is_list and all(isinstance(name, str) and name.lower() in _TYPES for name in value)  # type: ignore[attr-defined]


def _is_function(value: object) -> bool:
    try:
        return isinstance(value, str) and callable(import_string(value))
    except ImportError:
        return False


def _is_address(value: object) -> bool:
    """A URL that is fetched; whether it may be is the matter of `outbound`."""
    return isinstance(value, str) and is_url(value.partition("?")[0])


def is_url(value: object, *, is_private: bool = True) -> bool:
    """An https URL without query and fragment; on this machine itself http, where that is allowed."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        host = parts.hostname if parts is not None else None
    except ValueError:
        return False
    if parts is None or not host or "?" in str(value) or "#" in str(value) or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_private and host in _LOOPBACK)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _SECONDS


RULES: Mapping[str, Rule] = {
    "preset": (_is_name, "a name"),
    "audience": (is_audience, "a string, a list of them, or a dict from resources to audiences"),
    "client_id": (_is_name_or_names, "a list of the clients whose tokens are accepted"),
    "algorithms": (is_names, "a list of algorithms"),
    "typ": (_is_types, "a list of at+jwt, JWT and ''"),
    "jwks_uri": (_is_address, "an https URL"),
    "metadata_url": (_is_address, "an https URL"),
    "user": (_is_function, "the dotted path of a function of (issuer, subject, claims)"),
    "role_scopes": (_is_scopes_by_role, "a dict from roles to lists of scopes"),
    "roles_from": (_is_name_or_names, "the name of a claim, or a list of names that leads to it"),
    "permissions": (_is_bool, "True or False"),
    "scope_prefix": (_is_name, "what stands before the name of each scope"),
    "private_network": (_is_bool, "True or False"),
}
INTROSPECTION: Mapping[str, Rule] = {
    "client_id": (_is_name, "a string"),
    "client_secret": (_is_name, "a string"),
    "url": (_is_address, "an https URL"),
    "seconds": (_is_seconds, "a whole number of seconds from 1 to 60"),
    "for": (lambda value: value in ("opaque", "always"), "'opaque' or 'always'"),
    "token_type": (lambda value: value in ("required", "optional"), "'required' or 'optional'"),
}
