"""The OpenAPI security schemes of this site: where its tokens come from. Addresses begin with the issuer's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from oauth_provider import scopes
from oauth_provider.conf import conf
from oauth_provider.endpoint_urls import url_of
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OAUTH2 = "oauth2"
OPENID_CONNECT = "openIdConnect"
# OpenAPI allows few characters in the name of a component.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.-]+")


def definitions(*, version: str) -> dict[str, dict[str, Any]]:
    """The schemes by name, for this version of OpenAPI: our own where our URLs are mounted, then trusted issuers.

    Where neither is, the issuer itself counts as trusted: this site is its resource server.
    """
    own = _own(version=version)
    trusted = tuple(conf.given.get("TRUSTED_ISSUERS") or ())
    if not own and not trusted and conf.ISSUER:
        trusted = (conf.ISSUER,)
    return own | _of_trusted(trusted)


def _own(*, version: str) -> dict[str, dict[str, Any]]:
    try:
        addresses = {name: url_of(name) for name in ("authorize", "token", "device-authorization")}
    except NoReverseMatch:
        return {}
    told = {name: _sentence(scope) for name, scope in scopes.registered().items()}
    flows = {
        name: {**flow(addresses), "scopes": told}
        for name, since, flow in _FLOWS.values()
        if _is_at_least(version, since)
    }
    description = _("Access tokens of this site. The code flow needs PKCE (S256).")
    return {OAUTH2: {"type": "oauth2", "flows": flows, "description": description}}


# GrantType has what is served. Of each that is a way to begin: the flow's name, the first version of OpenAPI that has
# it, and its addresses.
_FLOWS: Mapping[GrantType, tuple[str, str, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    GrantType.AUTHORIZATION_CODE: (
        "authorizationCode",
        "3.0",
        lambda at: {"authorizationUrl": at["authorize"], "tokenUrl": at["token"], "refreshUrl": at["token"]},
    ),
    GrantType.CLIENT_CREDENTIALS: ("clientCredentials", "3.0", lambda at: {"tokenUrl": at["token"]}),
    GrantType.DEVICE_CODE: (
        "deviceAuthorization",
        "3.2",
        lambda at: {
            "deviceAuthorizationUrl": at["device-authorization"],
            "tokenUrl": at["token"],
            "refreshUrl": at["token"],
        },
    ),
}


def _is_at_least(version: str, since: str) -> bool:
    return [int(part) for part in version.split(".")[:2]] >= [int(part) for part in since.split(".")]


def _of_trusted(issuers: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = {issuer: f"{issuer.rstrip('/')}/.well-known/openid-configuration" for issuer in issuers}
    return {
        OPENID_CONNECT if len(found) == 1 else f"{OPENID_CONNECT}-{_in_a_name(issuer)}": {
            "type": "openIdConnect",
            "openIdConnectUrl": url,
            "description": _("Access tokens of %(issuer)s.") % {"issuer": issuer},
        }
        for issuer, url in found.items()
    }


def _in_a_name(issuer: str) -> str:
    return _NOT_IN_NAMES.sub("-", issuer.partition("://")[2]).strip("-")


def _sentence(scope: scopes.Scope) -> str:
    return str(scope.description or scope.label or scope.name)
