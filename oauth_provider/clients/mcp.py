"""Clients that came by the setting MCP: agents of people, for that one resource and its scopes, whatever they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oauth_provider import mcp, resources
from oauth_provider import scopes as known_scopes
from oauth_provider.conf import conf
from oauth_provider.values import Profile, RegistrationSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models import Client


def is_held(client: Client) -> bool:
    """Whether the client's tokens are for the MCP resource alone.

    A client known by its document is, unless CLIENT_ID_METADATA_HOSTS names its host today; one that registered
    itself for MCP stays so when the setting changes or goes; one registered by hand is when it has no other resource.
    """
    if client.registration_source == RegistrationSource.DOCUMENT:
        return mcp.resource() is not None and not is_host_named(urlsplit(client.client_id).hostname or "")
    own = tuple(client.resources)
    if client.registration_source == RegistrationSource.DYNAMIC and client.profile == Profile.MCP:
        return bool(own) and conf.ISSUER not in own and not set(own) & set(resources.of_site())
    return own == (mcp.resource(),)


def allows_resource(client: Client, uri: str) -> bool:
    """Whether the client may ask for a token of this audience; the issuer's is everybody's who is not held."""
    if is_held(client):
        return uri == mcp.resource()
    if client.registration_source == RegistrationSource.DOCUMENT and uri == mcp.resource():
        return True
    return uri == conf.ISSUER or client.allows_resource(uri)


def allows_scope(client: Client, name: str) -> bool:
    """Whether the client may have the scope; one that is held only scopes of MCP, whatever its row says."""
    return client.allows_scopes([name]) and (not is_held(client) or name in known_scopes.of_mcp())


def is_host_named(host: str) -> bool:
    """Whether CLIENT_ID_METADATA_HOSTS names the host, itself or as one below a domain."""
    return is_among(host, conf.CLIENT_ID_METADATA_HOSTS)


def is_host_of_agents(host: str) -> bool:
    """Whether documents of this host are read because of MCP."""
    setting = mcp.setting()
    return setting is not None and is_among(host, setting.client_hosts)


def is_among(host: str, entries: Iterable[str]) -> bool:
    """Whether one of the entries is the host, a domain above it (`.example.org`), or `*`."""
    return any(_is_meant(host, entry) for entry in entries)


def _is_meant(host: str, entry: str) -> bool:
    if entry.startswith("."):
        return host == entry[1:] or host.endswith(entry)
    return entry in {"*", host}


def default_scopes(asked: Iterable[str] | None, allowed: Iterable[str]) -> list[str]:
    """What a request without `scope` asks for: what the client named when it came, else what is not sensitive.

    Some agents send none at all; a token without any would open nothing.
    """
    allowed = tuple(allowed)
    wanted = [name for name in dict.fromkeys(asked or ()) if name in allowed]
    sensitive = set(known_scopes.sensitive(allowed))
    return wanted or [name for name in allowed if name not in sensitive]
