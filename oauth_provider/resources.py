"""Resource servers by URI (RFC 8707): which audiences exist, and which one is meant when none is named."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from oauth_provider import mcp
from oauth_provider.conf import conf


def of_site() -> tuple[str, ...]:
    """The resources in RESOURCES; empty when the site is its own and only resource server, MCP or not."""
    return tuple(conf.RESOURCES)


def registered() -> tuple[str, ...]:
    """Every resource a token may be asked for besides the issuer: those of the site, and the one of MCP."""
    agents = mcp.resource()
    return of_site() if agents is None or agents in conf.RESOURCES else (*of_site(), agents)


def titles() -> Mapping[str, str]:
    """The name of each registered resource."""
    return {uri: str(conf.RESOURCES.get(uri, "MCP")) for uri in registered()}


def default_audience() -> tuple[str, ...]:
    """The audience of a token whose request named no resource, before the client's own list is asked.

    Never the one of MCP: switching that on changes nobody's tokens.
    """
    declared = of_site()
    return declared[:1] if len(declared) == 1 else (conf.ISSUER,)


def canonical(uri: str) -> str:
    """The known resource that a request means: scheme and host are the same in any case (RFC 3986 §6.2.2.1).

    An empty path and `/` are one (§6.2.3); any other slash at the end is part of another name. What is unknown comes
    back as it is.
    """
    known = (*registered(), conf.ISSUER)
    if uri in known:
        return uri
    meant = _folded(uri)
    return next((each for each in known if each and _folded(each) == meant), uri)


def _folded(uri: str) -> str:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    if not parts.netloc or parts.fragment or uri.endswith("#"):
        return uri
    bare = uri[len(parts.scheme) + 3 + len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{'' if bare == '/' else bare}"
