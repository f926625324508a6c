"""What an entry means: every argument of a client. What the file leaves out is what a new client of the profile has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauth_provider.clients import registration, response_types, sectors, sign_in_and_out, validation
from oauth_provider.clients.profiles import PROFILES
from oauth_provider.models import Client
from oauth_provider.models.application import application_model
from oauth_provider.transfer.declarative import fields
from oauth_provider.transfer.declarative.people import People
from oauth_provider.transfer.declarative.reading import Entry
from oauth_provider.values import AllowedUsers, AuthMethod, Profile, SubjectType, TokenFormat

_EMPTY_TEXTS = (
    *validation.ALGORITHM_FIELDS,
    *("allowed_permission", "allowed_function", "software_id", "software_version"),
    *validation.PAGES,
)


def defaults(key: str, profile: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of `clients.change`, as it is where the file does not say; some follow from what it does say."""
    rules = PROFILES[profile]
    grant_types = [grant.value for grant in rules.grant_types]
    redirect_uris, scopes = given.get("redirect_uris", []), given.get("scopes", [])
    return {
        "name": key,
        "redirect_uris": [],
        "origins": _origins(profile, redirect_uris),
        "scopes": [],
        "default_scopes": list(registration.default_scopes_of(scopes)),
        "optional_scopes": [],
        "purposes": {},
        "resources": [],
        "resource_server_for": [],
        "grant_types": grant_types,
        "response_types": response_types.kept((), given.get("grant_types", grant_types)),
        "auth_method": rules.auth_methods[0].value,
        "require_pkce": True,
        "token_format": TokenFormat.JWT.value,
        "is_agent": False,
        **dict.fromkeys(validation.LIFETIMES, None),
        **dict.fromkeys(validation.SWITCHES, False),
        **sign_in_and_out.empty(),
        sectors.TYPE: (SubjectType.DOT if profile == Profile.IMPORTED else SubjectType.PUBLIC).value,
        sectors.URI: "",
        "told_groups": [],
        "allowed_users": AllowedUsers.EVERYONE.value,
        **dict.fromkeys(_EMPTY_TEXTS, ""),
        "contacts": [],
        fields.ALLOWED_GROUPS: [],
        fields.OWNERS: [],
        fields.SERVICE_ACCOUNT: None,
    }


def arguments(entry: Entry, people: People) -> dict[str, Any]:
    """Every argument of `clients.change` that the entry stands for; its people exist."""
    return {
        **defaults(entry.key, entry.profile, entry.given),
        **{name: value for name, value in entry.given.items() if name != fields.OWNER_GROUPS},
        fields.OWNERS: people.owners(entry),
        fields.ALLOWED_GROUPS: people.allowed_groups(entry),
        fields.SERVICE_ACCOUNT: people.service_account(entry),
    }


def as_client(entry: Entry, wanted: Mapping[str, Any]) -> Client:
    """The client that the entry describes, unsaved, to be looked at."""
    application = application_model()(
        client_id=entry.client_id, name=wanted["name"], redirect_uris=" ".join(wanted["redirect_uris"])
    )
    return Client(
        application=application,
        profile=entry.profile,
        grant_types=wanted["grant_types"],
        response_types=wanted["response_types"],
        auth_method=wanted["auth_method"],
        require_pkce=wanted["require_pkce"],
        token_format=wanted["token_format"],
        allowed_scopes=wanted["scopes"],
        first_party=PROFILES[entry.profile].first_party,
        **{name: wanted[name] for name in validation.LIFETIMES},
    )


def is_public(wanted: Mapping[str, Any]) -> bool:
    """Whether the client has no secret."""
    return bool(wanted["auth_method"] == AuthMethod.NONE)


def _origins(profile: str, redirect_uris: list[str]) -> list[str]:
    try:
        return registration.default_origins(profile, redirect_uris)
    except ValueError:
        return []  # an address that nobody can read is refused as a redirect URI
