"""Resource servers by URI (RFC 8707): which audiences exist, and which one is meant when none is named."""

from __future__ import annotations

from oauth_provider.conf import conf


def registered() -> tuple[str, ...]:
    """The declared resource URIs; empty when the site is its own and only resource server."""
    return tuple(conf.RESOURCES)


def default_audience() -> tuple[str, ...]:
    """The audience of a token whose request named no resource, before the client's own list is asked."""
    declared = registered()
    return declared[:1] if len(declared) == 1 else (conf.ISSUER,)
