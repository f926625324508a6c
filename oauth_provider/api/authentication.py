"""Bearer tokens only: no session and no cookie opens the management API."""

from __future__ import annotations

from oauth_provider import resources
from oauth_provider.conf import conf
from oauth_provider.drf import OAuth2Authentication


class ManagementAuthentication(OAuth2Authentication):
    """As everywhere, under a realm of its own."""

    www_authenticate_realm = "management"
    # Who manages this issuer is not for another one to say.
    only_own = True


def resource() -> str | None:
    """The resource the management API belongs to where a site declares several: the issuer; a check says so."""
    return conf.ISSUER if conf.ISSUER in resources.registered() else None
