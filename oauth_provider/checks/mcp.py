"""The setting MCP: its resource beside the others, where its metadata is, and who may come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage

from oauth_provider import mcp, scopes
from oauth_provider.checks import mount
from oauth_provider.checks.messages import message
from oauth_provider.checks.rules import RULES
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf
from oauth_provider.resource_server import metadata


def check_resource(**_: Any) -> list[CheckMessage]:
    """E075, E076."""
    setting = _setting()
    if setting is None:
        return []
    resource, found = setting.resource, []
    if urlsplit(resource).scheme == "http" and not settings.DEBUG:
        found.append(message("E075", resource=resource))
    # Whatever else it is, E002 says so.
    declared = cast("object", conf.RESOURCES)
    others = {
        conf.ISSUER: "the issuer",
        **dict.fromkeys(declared if isinstance(declared, Mapping) else (), "in RESOURCES"),
    }
    if resource in others:
        issuer = conf.ISSUER or "https://site.example"
        found.append(message("E076", resource=resource, other=others[resource], issuer=issuer))
    return found


def check_metadata(**_: Any) -> list[CheckMessage]:
    """W077, once our URLs are included."""
    setting = _setting()
    if setting is None or mount.token_path() is None or metadata.url_of(setting.resource):
        return []
    return [message("W077", path=metadata.WELL_KNOWN + urlsplit(setting.resource).path)]


def check_who_comes(**_: Any) -> list[CheckMessage]:
    """W075, W076 and W078: what strangers may do, in one place."""
    setting = _setting()
    if setting is None:
        return []
    ways = [
        *(["documents of every host are read"] if "*" in setting.client_hosts else []),
        *(["anybody may register"] if setting.registers else []),
    ]
    found = [message("W075", ways=" and ".join(ways), resource=setting.resource)] if ways else []
    sensitive = scopes.sensitive(scopes.of_mcp()) if setting.client_hosts or setting.registers else []
    if sensitive:
        found.append(message("W076", scopes=", ".join(sensitive)))
    if setting.redirect_uris:
        found.append(message("W078", uris=", ".join(setting.redirect_uris)))
    return found


def _setting() -> mcp.Mcp | None:
    """The setting, while there is nothing wrong with it that E002 says."""
    if not is_readable() or RULES["MCP"](conf.MCP) is not None:
        return None
    return mcp.setting()


CHECKS = (check_resource, check_metadata)
DEPLOY_CHECKS = (check_who_comes,)
