"""What a table of `clients.toml` may say: each key with its form, and the argument of a client it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from oauth_provider.clients import sectors, sign_in_and_out, validation
from oauth_provider.values import AllowedUsers, ClientStatus, Profile, SubjectType, TokenFormat

# What is wrong with a value; None when nothing is.
Form = Callable[[Any], str | None]

LONGEST_TEXT = 2000
LONGEST_NAME = 255
# `submitted` is a step of a conversation, not a state somebody writes down.
STATUSES = tuple(status.value for status in ClientStatus if status != ClientStatus.SUBMITTED)
_NUL = "\x00"


def text(value: Any, *, longest: int = LONGEST_TEXT) -> str | None:
    """A string that a row can hold."""
    if not isinstance(value, str):
        return "it must be a string in quotation marks"
    if len(value) > longest:
        return f"it must have at most {longest} characters"
    return "it must hold no NUL character" if _NUL in value else None


def name(value: Any) -> str | None:
    """A short string."""
    return text(value, longest=LONGEST_NAME)


def texts(value: Any) -> str | None:
    """A list of strings, none of them empty."""
    if not isinstance(value, list):
        return 'it must be a list of strings, like ["one", "two"]'
    if "" in value:
        return "one of its lines is empty"
    wrong = next((sentence for one in value if (sentence := text(one))), None)
    return None if wrong is None else f"one of its lines: {wrong}"


def sentences(value: Any) -> str | None:
    """A table of strings."""
    if not isinstance(value, dict):
        return 'it must be a table, like { read = "To show your notes." }'
    wrong = next((sentence for one in value.values() if (sentence := text(one))), None)
    return None if wrong is None else f"one of its lines: {wrong}"


def seconds(value: Any) -> str | None:
    """A whole number; how long it may be is a rule of the client."""
    return "it must be a whole number of seconds" if isinstance(value, bool) or not isinstance(value, int) else None


def switch(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "it must be true or false"


def one_of(*choices: str) -> Form:
    """One of these words."""
    return lambda value: None if value in choices else f"it must be one of: {', '.join(choices)}"


def references(value: Any) -> str | None:
    """A list of tables; each is looked at by `secrets.reference`."""
    is_list = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    return None if is_list else 'it must be a list of references, like [{ env = "BILLING_SECRET" }]'


PROFILE, CLIENT_ID, STATUS, SECRETS = "profile", "client_id", "status", "secrets"
# In the file by the name they sign in with, and by the name of the group.
OWNERS, OWNER_GROUPS, ALLOWED_GROUPS, SERVICE_ACCOUNT = "owners", "owner_groups", "allowed_groups", "service_account"

# In the order in which `export` writes them.
FIELDS: Mapping[str, Form] = {
    CLIENT_ID: name,
    "name": name,
    PROFILE: one_of(*Profile.values),
    STATUS: one_of(*STATUSES),
    "redirect_uris": texts,
    "origins": texts,
    "scopes": texts,
    "default_scopes": texts,
    "optional_scopes": texts,
    "purposes": sentences,
    "resources": texts,
    "resource_server_for": texts,
    "grant_types": texts,
    "response_types": texts,
    "auth_method": name,
    "require_pkce": switch,
    "token_format": one_of(*TokenFormat.values),
    "is_agent": switch,
    **dict.fromkeys(validation.LIFETIMES, seconds),
    **dict.fromkeys(validation.ALGORITHM_FIELDS, name),
    **dict.fromkeys(validation.SWITCHES, switch),
    sectors.TYPE: one_of(*SubjectType.values),
    sectors.URI: text,
    "told_groups": texts,
    sign_in_and_out.POST_LOGOUT: texts,
    **dict.fromkeys(sign_in_and_out.URIS, text),
    sign_in_and_out.ACR_VALUES: texts,
    "allowed_users": one_of(*AllowedUsers.values),
    ALLOWED_GROUPS: texts,
    "allowed_permission": name,
    "allowed_function": name,
    OWNERS: texts,
    OWNER_GROUPS: texts,
    SERVICE_ACCOUNT: name,
    **dict.fromkeys(validation.PAGES, text),
    "contacts": texts,
    "software_id": name,
    "software_version": name,
    SECRETS: references,
}
REFERENCE_FIELDS: Mapping[str, Form] = {
    "env": name,
    "file": text,
    "expires": lambda value: (
        None if isinstance(value, date) else "it must be a date or a time, without quotation marks"
    ),
}
