"""What a recipe is: a product, what it needs registered here, and the configuration it needs on its side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Part:
    """A text to paste, and the place it belongs to."""

    place: str | _StrPromise
    text: str = field(repr=False)
    # As a documentation page marks it.
    language: str = "text"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a configuration is written from: this issuer, the product's address, and the client just made."""

    issuer: str
    base_url: str
    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    # Of the second client, where a recipe has one.
    companion_id: str = ""

    @property
    def provider(self) -> str:
        """What the product calls this site: a button says it, and an address may hold it."""
        return provider_of(self.issuer)

    @property
    def discovery(self) -> str:
        """The address of the metadata (OpenID Connect Discovery §4)."""
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def authorize(self) -> str:
        """The authorization endpoint."""
        return f"{self.issuer}/authorize"

    @property
    def token(self) -> str:
        """The token endpoint."""
        return f"{self.issuer}/token"

    @property
    def userinfo(self) -> str:
        """The userinfo endpoint."""
        return f"{self.issuer}/userinfo"

    @property
    def jwks(self) -> str:
        """The keys."""
        return f"{self.issuer}/jwks"

    @property
    def end_session(self) -> str:
        """Where people sign out (OpenID Connect RP-Initiated Logout §2)."""
        return f"{self.issuer}/end_session"

    def leads_back_to(self, path: str) -> str:
        """A query that brings people back to the product after they signed out."""
        return f"post_logout_redirect_uri={quote(self.base_url + path, safe='')}"


@dataclass(frozen=True, slots=True)
class Companion:
    """A second, public client of the same product: its command line, on people's own machines."""

    # Behind the product's name.
    suffix: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One product. Paths come behind the address it runs at."""

    name: str
    title: str | _StrPromise
    # The version whose words the configuration uses.
    written_for: str
    redirect_paths: tuple[str, ...]
    configuration: Callable[[Filled], tuple[Part, ...]]
    post_logout_paths: tuple[str, ...] = ()
    # `{provider}` stands for what the product calls this site.
    backchannel_path: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email", "groups")
    # Names of groups that the configuration gives rights to.
    groups: tuple[str, ...] = ()
    # For products that never ask userinfo.
    claims_in_id_token: bool = False
    companion: Companion | None = None

    def redirect_uris(self, base_url: str) -> list[str]:
        """What to register for the product at this address."""
        return [base_url + path for path in self.redirect_paths]

    def post_logout_redirect_uris(self, base_url: str) -> list[str]:
        """Where it brings people back to after they signed out."""
        return [base_url + path for path in self.post_logout_paths]

    def backchannel_logout_uri(self, base_url: str, *, issuer: str) -> str:
        """Where it is told of a sign-out; empty: it cannot be told."""
        if not self.backchannel_path:
            return ""
        return base_url + self.backchannel_path.format(provider=provider_of(issuer))


def provider_of(issuer: str) -> str:
    """The issuer's host: what a product calls this site."""
    return urlsplit(issuer).hostname or ""
