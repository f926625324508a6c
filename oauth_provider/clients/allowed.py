"""What a client may ask for: scopes and resources, checked the same way wherever it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider import mcp
from oauth_provider import resources as known_resources
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import mcp as of_mcp
from oauth_provider.clients.profiles import rules_of
from oauth_provider.conf import conf
from oauth_provider.errors import InvalidScope, InvalidTarget

if TYPE_CHECKING:
    from oauth_provider.models import Client

# Scopes that speak of a person; a machine has none to speak of.
_PERSONAL = frozenset({known_scopes.OPENID, known_scopes.OFFLINE_ACCESS})


def allows_grant(client: Client, grant_type: str) -> bool:
    """Whether the client is registered for this grant type and its profile has it: a row changed behind our back
    allows nothing.
    """
    return client.allows_grant(grant_type) and grant_type in rules_of(client).grant_types


def needs_pkce(client: Client) -> bool:
    """Whether a code is only given against a challenge (RFC 9700 §2.1.1); only some profiles may do without."""
    return client.is_public or client.require_pkce or not rules_of(client).may_go_without_pkce


def grantable_scopes(client: Client, asked: str | None, *, for_person: bool = True) -> tuple[str, ...]:
    """The scopes asked for, or the client's default ones when none are; never "all". Raises InvalidScope."""
    names = known_scopes.split(asked) or tuple(client.default_scopes)
    known = known_scopes.registered()
    # `offline_access` is understood and left out: refresh tokens follow the client's grant types.
    if known_scopes.OFFLINE_ACCESS not in known:
        names = tuple(name for name in names if name != known_scopes.OFFLINE_ACCESS)
    unknown = [name for name in names if name not in known]
    refused = [name for name in names if name in known and not of_mcp.allows_scope(client, name)]
    personal = [name for name in names if name in _PERSONAL and not for_person]
    if unknown or refused or personal:
        why = f"unknown: {unknown}, not allowed for this client: {refused}, only with a person: {personal}"
        raise InvalidScope(
            "A requested scope is unknown or not allowed for this client.",
            detail=why,
            rule="scope_unknown" if unknown else "scope_not_allowed" if refused else "scope_needs_person",
            compared={
                "sent": known_scopes.join(names),
                **(
                    {"known": known_scopes.join(known)}
                    if unknown
                    else {"allowed": known_scopes.join(name for name in client.allowed_scopes if name not in personal)}
                ),
            },
        )
    return names


def audience(client: Client, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The audience of the token: the resources asked for (RFC 8707 §2), or the default. Raises InvalidTarget."""
    asked = tuple(dict.fromkeys(map(known_resources.canonical, asked)))
    for uri in asked:
        # RFC 8707 §2: an absolute URI without fragment; only declared ones exist here.
        if uri not in known_resources.registered() and uri != conf.ISSUER:
            raise InvalidTarget(
                "The requested resource is unknown.",
                detail=f"not declared in RESOURCES: {uri[:200]}",
                rule="resource_unknown",
                compared={"sent": uri, "known": "\n".join(known_resources.registered())},
            )
        if not of_mcp.allows_resource(client, uri):
            raise InvalidTarget(
                "The requested resource is not allowed for this client.",
                detail=f"not among its resources: {uri}",
                rule="resource_not_allowed",
                compared={"sent": uri, "allowed": "\n".join(client.resources)},
            )
    if asked:
        return asked
    if of_mcp.is_held(client):
        return _of_mcp(client)
    own = tuple(uri for uri in client.resources if uri in known_resources.of_site())
    return own[:1] if len(own) == 1 else known_resources.default_audience()


def _of_mcp(client: Client) -> tuple[str, ...]:
    """The one audience of a client that is held to it; none is left once the setting is gone."""
    resource = mcp.resource()
    if resource is None:
        raise InvalidTarget(
            "The requested resource is unknown.",
            detail=f"the client is for {list(client.resources)}, and MCP is not set",
            rule="resource_unknown",
            compared={"sent": "", "known": "\n".join(known_resources.registered())},
        )
    return (resource,)


def narrowed_audience(client: Client, asked: tuple[str, ...], *, granted: tuple[str, ...]) -> tuple[str, ...]:
    """The audience of a token that follows from a grant: some of its resources (RFC 8707 §2.2). Raises InvalidTarget.

    A grant whose authorization request named none leaves the choice among the client's own to each token request.
    """
    asked = tuple(dict.fromkeys(map(known_resources.canonical, asked)))
    if granted and not set(asked) <= set(granted):
        raise InvalidTarget(
            "A requested resource was not granted.",
            detail=f"granted are {granted}",
            rule="resource_not_granted",
            compared={"sent": "\n".join(asked), "granted": "\n".join(granted)},
        )
    return audience(client, asked) if asked else granted or audience(client, ())
