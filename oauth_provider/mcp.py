"""The setting MCP, read: one more resource, for the agents of people, and which of them may come by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oauth_provider.conf import conf

EVERY_HOST = ("*",)
KEYS = ("resource", "scopes", "client_hosts", "registration", "redirect_uris")
REGISTRATION = ("open", "off")


@dataclass(frozen=True, slots=True)
class Mcp:
    """What the site wrote; `scopes` is None where it leaves them to us (see `scopes.of_mcp`)."""

    resource: str
    scopes: tuple[str, ...] | None = None
    client_hosts: tuple[str, ...] = EVERY_HOST
    registers: bool = True
    redirect_uris: tuple[str, ...] = ()


def setting() -> Mcp | None:
    """The setting, or None where the site serves no agents; whatever is wrong with it, a check says so."""
    # Read while the settings may be anything: the checks ask too.
    given: object = conf.MCP
    resource = given.get("resource") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(resource, str) or not resource:
        return None
    scopes = given.get("scopes")
    return Mcp(
        resource,
        scopes=None if scopes is None else tuple(scopes),
        client_hosts=tuple(given.get("client_hosts", EVERY_HOST)),
        # A word that is not ours switches off.
        registers=given.get("registration", "open") == "open",
        redirect_uris=tuple(given.get("redirect_uris", ())),
    )


def resource() -> str | None:
    """The audience of tokens for the MCP server, or None where there is none."""
    found = setting()
    return None if found is None else found.resource
