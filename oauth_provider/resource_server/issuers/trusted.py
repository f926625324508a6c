"""TrustedIssuer: one entry of `TRUSTED_ISSUERS`, read once and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from oauth_provider import mcp, resources
from oauth_provider.conf import conf
from oauth_provider.resource_server.issuers import mistakes
from oauth_provider.resource_server.issuers.presets import PRESETS, Preset

if TYPE_CHECKING:
    from collections.abc import Callable

INTROSPECTION_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Introspection:
    """Asking the issuer about a token (RFC 7662): as whom, where, and how long an answer is believed (seconds)."""

    client_id: str
    client_secret: str = field(repr=False)
    url: str = ""
    seconds: int = INTROSPECTION_SECONDS
    for_jwts: bool = False
    needs_token_type: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class TrustedIssuer:
    """An issuer whose access tokens are accepted, and what the site says about them. Another setting, another one."""

    issuer: str
    preset: Preset
    typ: tuple[str, ...]
    algorithms: tuple[str, ...]
    audience: Mapping[str, frozenset[str]]
    client_ids: frozenset[str]
    role_scopes: Mapping[str, tuple[str, ...]]
    roles_from: tuple[str, ...]
    permissions: bool
    scope_prefix: str
    jwks_uri: str
    metadata_url: str
    user_function: str
    introspection: Introspection | None
    private_network: bool

    def audiences_of(self, resource: str | None) -> frozenset[str]:
        """The audiences a token for a view of this resource may have (RS2); none: nothing enters there."""
        if resource is not None and resource == mcp.resource():
            return self.audience.get(resource, frozenset())
        declared = resources.of_site()
        if len(declared) <= 1 and ANY in self.audience:
            return self.audience[ANY]
        wanted = resource if resource is not None else "".join(declared[:1])
        return self.audience.get(wanted, frozenset())

    @cached_property
    def user(self) -> Callable[[str, str, Mapping[str, Any]], Any] | None:
        """The site's function from (issuer, subject, claims) to a user or None."""
        found: Any = import_string(self.user_function) if self.user_function else None
        return found  # type: ignore[no-any-return]

    @cached_property
    def private_hosts(self) -> frozenset[str]:
        """The hosts that may be on private addresses: those whose URLs the site itself wrote."""
        if not self.private_network:
            return frozenset()
        urls = (self.issuer, self.metadata_url, self.jwks_uri, self.introspection.url if self.introspection else "")
        return frozenset(urlsplit(url).netloc.lower() for url in urls if url)


# The key in `audience` for all that a list names.
ANY = ""

_read: tuple[object, object, Mapping[str, TrustedIssuer]] = ({}, (), MappingProxyType({}))


def trusted() -> Mapping[str, TrustedIssuer]:
    """Issuer → what the site says about it; raises ImproperlyConfigured with what to set when that is not clear."""
    global _read
    given = conf.TRUSTED_ISSUERS
    if not given:
        return {}
    own, beside = conf.ISSUER, (conf.ISSUER, resources.registered())
    if _read[0] is not given or _read[1] != beside:
        wrong = next(mistakes.found(given, own=own), None)
        if wrong is not None:
            raise ImproperlyConfigured(wrong.sentence)
        _read = (given, beside, MappingProxyType({issuer: _entry(issuer, entry) for issuer, entry in given.items()}))
    return _read[2]


def _entry(issuer: str, given: Mapping[str, Any]) -> TrustedIssuer:
    preset = PRESETS[given["preset"]]
    asked = given.get("introspection")
    return TrustedIssuer(
        issuer=issuer,
        preset=preset,
        typ=tuple(name.lower() for name in given.get("typ", preset.typ)),
        algorithms=tuple(given.get("algorithms", preset.algorithms)),
        audience=_audience(given.get("audience", ())),
        client_ids=frozenset(listed(given.get("client_id", ()))),
        role_scopes={role: listed(scopes) for role, scopes in given.get("role_scopes", {}).items()},
        roles_from=listed(given.get("roles_from", ())),
        permissions=given.get("permissions", preset.permissions),
        scope_prefix=given.get("scope_prefix", ""),
        jwks_uri=given.get("jwks_uri", ""),
        metadata_url=given.get("metadata_url", ""),
        user_function=given.get("user", ""),
        introspection=_introspection(asked) if asked else None,
        private_network=given.get("private_network", False),
    )


def _introspection(given: Mapping[str, Any]) -> Introspection:
    return Introspection(
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        url=given.get("url", ""),
        seconds=given.get("seconds", INTROSPECTION_SECONDS),
        for_jwts=given.get("for", "opaque") == "always",
        needs_token_type=given.get("token_type", "required") == "required",
    )


def _audience(given: Any) -> Mapping[str, frozenset[str]]:
    if isinstance(given, Mapping):
        return {resource: frozenset(listed(audience)) for resource, audience in given.items()}
    names = listed(given)
    # An audience that is a declared resource is that resource's.
    return {**({ANY: frozenset(names)} if names else {}), **{name: frozenset({name}) for name in names}}


def listed(value: Any) -> tuple[str, ...]:
    """One string, or several."""
    return (value,) if isinstance(value, str) else tuple(value)
