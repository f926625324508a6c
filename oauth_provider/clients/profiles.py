"""Profiles: one choice that sets the others, so that a safe client is the easy one to make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth_provider.clients import redirect_uris
from oauth_provider.conf import conf
from oauth_provider.values import AuthMethod, GrantType, Profile, RegistrationSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oauth_provider.models import Client

_CODE_AND_REFRESH = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a profile implies. Lifetimes are functions because settings are read when used."""

    grant_types: tuple[GrantType, ...]
    auth_methods: tuple[AuthMethod, ...]
    allows_http_loopback: bool = False
    allows_private_scheme: bool = False
    allows_uris_of_mcp: bool = False
    needs_redirect_uri: bool = True
    first_party: bool = False
    may_go_without_pkce: bool = False
    may_use_legacy_response_types: bool = False
    access_token_lifetime: Callable[[], int] = lambda: conf.ACCESS_TOKEN_LIFETIME
    refresh_token_absolute_lifetime: Callable[[], int] = lambda: conf.REFRESH_TOKEN_ABSOLUTE_LIFETIME

    @property
    def is_public(self) -> bool:
        """Whether a client of this profile has no secret unless it asks for one."""
        return self.auth_methods[0] == AuthMethod.NONE

    @property
    def has_people(self) -> bool:
        """Whether people let clients of this profile act for them."""
        return set(self.grant_types) != {GrantType.CLIENT_CREDENTIALS}


_SECRET = (AuthMethod.ANY_SECRET, AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST)
_PUBLIC = (AuthMethod.NONE,)

PROFILES: Mapping[str, Rules] = {
    # http on loopback is for developing the client on one's own machine (RFC 8252 §7.3; AS2).
    Profile.WEB: Rules(_CODE_AND_REFRESH, _SECRET, allows_http_loopback=True),
    Profile.SPA: Rules(
        _CODE_AND_REFRESH,
        _PUBLIC,
        allows_http_loopback=True,
        access_token_lifetime=lambda: conf.SHORT_ACCESS_TOKEN_LIFETIME,
        refresh_token_absolute_lifetime=lambda: conf.BROWSER_REFRESH_TOKEN_ABSOLUTE_LIFETIME,
    ),
    Profile.NATIVE: Rules(_CODE_AND_REFRESH, _PUBLIC, allows_http_loopback=True, allows_private_scheme=True),
    Profile.MACHINE: Rules((GrantType.CLIENT_CREDENTIALS,), _SECRET, needs_redirect_uri=False),
    Profile.DEVICE: Rules(
        (GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN), (*_PUBLIC, *_SECRET), needs_redirect_uri=False
    ),
    Profile.MCP: Rules(
        _CODE_AND_REFRESH,
        (*_PUBLIC, *_SECRET),
        allows_http_loopback=True,
        allows_uris_of_mcp=True,
        access_token_lifetime=lambda: conf.SHORT_ACCESS_TOKEN_LIFETIME,
    ),
    Profile.FIRST_PARTY: Rules(
        _CODE_AND_REFRESH,
        (*_SECRET, *_PUBLIC),
        allows_http_loopback=True,
        allows_private_scheme=True,
        first_party=True,
    ),
    # What an Application could do before, each deviation listed by a check; only the migration makes these.
    Profile.IMPORTED: Rules(
        (*_CODE_AND_REFRESH, GrantType.CLIENT_CREDENTIALS, GrantType.DEVICE_CODE),
        (*_SECRET, *_PUBLIC),
        allows_http_loopback=True,
        allows_private_scheme=True,
        needs_redirect_uri=False,
        may_go_without_pkce=True,
    ),
    # The only one that may be told to do without PKCE, or to get tokens from the front (LEGACY_RESPONSE_TYPES): each
    # by name, each reported by `check --deploy` (RFC 9700 §2.1.1, §2.1.2).
    Profile.LEGACY: Rules(
        _CODE_AND_REFRESH,
        (*_SECRET, *_PUBLIC),
        allows_http_loopback=True,
        allows_private_scheme=True,
        may_go_without_pkce=True,
        may_use_legacy_response_types=True,
    ),
}


def rules_of(client: Client) -> Rules:
    """The rules of a client's profile."""
    return PROFILES[client.profile]


def access_token_lifetime(client: Client) -> int:
    """Seconds an access token of this client lives."""
    return client.access_token_lifetime or rules_of(client).access_token_lifetime()


def refresh_token_idle_lifetime(client: Client) -> int:
    """Seconds after which an unused refresh token of this client ends."""
    return client.refresh_token_idle_lifetime or conf.REFRESH_TOKEN_IDLE_LIFETIME


def refresh_token_absolute_lifetime(client: Client) -> int:
    """Seconds after which a grant to this client ends however much it is used."""
    return client.refresh_token_absolute_lifetime or rules_of(client).refresh_token_absolute_lifetime()


def refresh_token_leeway(client: Client) -> int:
    """Seconds in which the same refresh token gets the same successor; 0 means never."""
    leeway = client.refresh_token_leeway
    return conf.REFRESH_TOKEN_LEEWAY if leeway is None else leeway


def is_self_registered(client: Client) -> bool:
    """Whether nobody of this site has looked at the client: it came by itself."""
    return client.registration_source in {RegistrationSource.DYNAMIC, RegistrationSource.DOCUMENT}


def is_assured(client: Client) -> bool:
    """Whether the client's identity is assured enough to remember consent (RFC 8252 §8.6; AS23).

    Not assured: public **and** (a loopback or private-use redirect URI, or self-registered); nor an agent that came by
    itself with a secret, which anybody gets.
    """
    if is_self_registered(client) and (client.is_public or client.profile == Profile.MCP):
        return False
    if not client.is_public:
        return True
    return all(redirect_uris.is_https(uri) for uri in client.redirect_uris) and bool(client.redirect_uris)
