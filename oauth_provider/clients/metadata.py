"""Client metadata (RFC 7591 §2) in the words of `clients.registration`, and a client in the words of the wire.

The profile is not asked for, it follows: a secret and people → `web`; none and people → `native` where the app
itself is redirected to (a loopback address, a private-use scheme or `application_type` native), else `mcp`, an agent
on a server or in a browser; the device grant → `device`; client credentials → `machine`. No member says it, because
a profile decides what a client may do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import translation

from oauth_provider import scopes as known_scopes
from oauth_provider.clients import mcp, metadata_fields, sign_in_and_out
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.errors import InvalidClientMetadata, InvalidRedirectUri, ProtocolError
from oauth_provider.values import AuthMethod, GrantType, Profile, SubjectType

if TYPE_CHECKING:
    from oauth_provider.models import Client

# Members whose meaning here is one argument of `registration.register` and `change.change`.
_KEPT = ("contacts", "software_id", "software_version", "client_uri", "logo_uri", "tos_uri", "policy_uri")
_LISTS = ("contacts",)
# OpenID Connect Registration §2; what it means to leave one out.
_OPENID: dict[str, Any] = {
    "id_token_signed_response_alg": "",
    "userinfo_signed_response_alg": "",
    "default_max_age": None,
    "require_auth_time": False,
    "sector_identifier_uri": "",
    "subject_type": SubjectType.PUBLIC.value,
}
# What an answer leaves out, because everybody has it; or because it is ours alone.
_UNSAID = {SubjectType.PUBLIC.value, SubjectType.DOT.value}
_ON_THE_WIRE = {"redirect_uris": "redirect_uris", "name": "client_name", "auth_method": "token_endpoint_auth_method",
                "scopes": "scope"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a document asks for; `scopes` is None where it leaves them to us."""

    profile: Profile
    name: str
    scopes: tuple[str, ...] | None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def read(document: Mapping[str, Any], *, client: Client | None = None, for_mcp: bool = False) -> Wanted:
    """What the document asks for, for a new client or for the one that is to become so; raises ProtocolError.

    `for_mcp`: the client is an agent and nothing else, secret or not.
    """
    given = metadata_fields.read(document)
    if given.get("subject_type") != SubjectType.PAIRWISE:
        # RFC 7591 §2: left out where it means nothing, and the answer says so.
        given.pop("sector_identifier_uri", None)
    grant_types = _grant_types(given)
    _check_response_types(given, grant_types)
    method = given.get("token_endpoint_auth_method", AuthMethod.CLIENT_SECRET_BASIC.value)
    redirect_uris = tuple(dict.fromkeys(given.get("redirect_uris", ())))
    profile = Profile.MCP if for_mcp else _profile(given, grant_types, method=method, redirect_uris=redirect_uris)
    if for_mcp and GrantType.AUTHORIZATION_CODE not in grant_types:
        raise InvalidClientMetadata("grant_types must hold authorization_code.")
    if client is not None:
        if "application_type" in given and profile != client.profile:
            raise InvalidClientMetadata("application_type cannot be changed; register another client.")
        profile = Profile(client.profile)
    return Wanted(
        profile=profile,
        name=given.get("client_name", ""),
        scopes=known_scopes.split(given["scope"]) if "scope" in given else None,
        arguments={
            "redirect_uris": redirect_uris,
            "auth_method": method,
            "grant_types": grant_types,
            **({"origins": origins_of(redirect_uris)} if method == AuthMethod.NONE else {}),
            **{name: given.get(name, [] if name in _LISTS else "") for name in _KEPT},
            **{name: given.get(name, default) for name, default in (_OPENID | sign_in_and_out.empty()).items()},
        },
    )


def _grant_types(given: Mapping[str, Any]) -> list[str]:
    """The grant types of one profile. RFC 7591 §2 lets us register fewer than were asked for; the answer says which.

    A client that sends every grant type the metadata lists, as some do, becomes one that people sign in with.
    """
    asked = set(given.get("grant_types", [GrantType.AUTHORIZATION_CODE.value]))
    if GrantType.CLIENT_CREDENTIALS in asked and asked - {GrantType.CLIENT_CREDENTIALS, GrantType.REFRESH_TOKEN}:
        raise InvalidClientMetadata("A client acts for people or for itself: register one for client_credentials.")
    for first in (GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE):
        if first in asked:
            return [grant.value for grant in (first, GrantType.REFRESH_TOKEN) if grant in asked]
    if GrantType.CLIENT_CREDENTIALS in asked:
        return [GrantType.CLIENT_CREDENTIALS.value]
    raise InvalidClientMetadata("grant_types must hold authorization_code, the device code or client_credentials.")


def _check_response_types(given: Mapping[str, Any], grant_types: list[str]) -> None:
    """RFC 7591 §2.1: the two must go together."""
    expected = {"code"} if GrantType.AUTHORIZATION_CODE in grant_types else set()
    if "response_types" in given and set(given["response_types"]) != expected:
        names = ", ".join(grant_types)
        raise InvalidClientMetadata(f"response_types must be {sorted(expected)} with the grant types {names}.")


def _profile(
    given: Mapping[str, Any], grant_types: list[str], *, method: str, redirect_uris: tuple[str, ...]
) -> Profile:
    if GrantType.CLIENT_CREDENTIALS in grant_types:
        return Profile.MACHINE
    if GrantType.DEVICE_CODE in grant_types:
        return Profile.DEVICE
    if method != AuthMethod.NONE:
        return Profile.WEB
    application_type = given.get("application_type")
    is_native = application_type == "native" or (not application_type and any(map(uris.is_local, redirect_uris)))
    return Profile.NATIVE if is_native else Profile.MCP


def origins_of(redirect_uris: tuple[str, ...]) -> list[str]:
    """Agents in a browser call the token endpoint from the page they are redirected to (AS21)."""
    found = set()
    for uri in redirect_uris:
        try:
            found.add(uris.origin_of(uri))
        except ValueError:  # a host or port that cannot be read: `registration` refuses the redirect URI
            continue
    return sorted(filter(None, found))


def refusal_of(error: ValidationError) -> ProtocolError:
    """What `registration` or `change` found wrong, as RFC 7591 §3.2.2 says it: one sentence, the first."""
    found = error.error_dict
    # Origins follow from the redirect URIs, so what is wrong with one is wrong with them.
    for name in ("redirect_uris", "origins"):
        if name in found:
            return InvalidRedirectUri(_in_english(ValidationError(found[name])))
    name, wrong = next(iter(found.items()))
    sentence = _in_english(ValidationError(wrong))
    return InvalidClientMetadata(f"{_ON_THE_WIRE.get(name, name)}: {sentence}")


def _in_english(error: ValidationError) -> str:
    """Developers read it, in the characters of RFC 6749 §5.2."""
    with translation.override("en"):
        return str(error.messages[0])[:300]


def _application_type(client: Client) -> str:
    is_native = client.profile == Profile.NATIVE or (
        mcp.is_held(client) and any(map(uris.is_local, client.redirect_uris))
    )
    return "native" if is_native else "web"


def registered(client: Client) -> dict[str, object]:
    """All registered metadata of a client, as RFC 7591 §3.2.1 answers it: what it did not set is left out."""
    known = known_scopes.registered()
    has_code = GrantType.AUTHORIZATION_CODE in client.grant_types
    given = {
        "client_name": "" if client.name == client.client_id else client.name,
        **{name: getattr(client, name) for name in (*_KEPT, *_OPENID, *sign_in_and_out.NAMES)},
        "scope": known_scopes.join(scope for scope in client.allowed_scopes if scope in known),
    }
    return {
        "redirect_uris": list(client.redirect_uris),
        "grant_types": list(client.grant_types),
        "response_types": list(client.response_types),
        "token_endpoint_auth_method": client.auth_method or AuthMethod.CLIENT_SECRET_BASIC.value,
        **({"application_type": _application_type(client)} if has_code else {}),
        # A sign-in of now is a wish too.
        **{
            name: value
            for name, value in given.items()
            if (value or (name == "default_max_age" and value == 0))
            and not (name == "subject_type" and value in _UNSAID)
        },
    }
