"""What is switched on: asked at the door (URLs, metadata, CORS, checks), never in the rooms."""

from __future__ import annotations

from collections.abc import Mapping

from oauth_provider import mcp
from oauth_provider.conf import conf


def registers_clients() -> bool:
    """Whether clients may register themselves; a setting that says something else than our words says no."""
    return registers_with_token() or registers_for_mcp()


def registers_anybody() -> bool:
    """Whether they may do so without an initial access token."""
    return registers_strangers() or registers_for_mcp()


def registers_with_token() -> bool:
    """Whether initial access tokens are taken."""
    return conf.DYNAMIC_REGISTRATION in {"token", "open"}


def registers_strangers() -> bool:
    """Whether DYNAMIC_REGISTRATION lets anybody register."""
    return conf.DYNAMIC_REGISTRATION == "open"


def registers_for_mcp() -> bool:
    """Whether anybody may register a client for the MCP resource, and for nothing else."""
    setting = mcp.setting()
    return setting is not None and setting.registers


def reads_documents() -> bool:
    """Whether client ID metadata documents are read from any host."""
    setting = mcp.setting()
    return bool(conf.CLIENT_ID_METADATA_HOSTS) or (setting is not None and bool(setting.client_hosts))


def issues_tokens() -> bool:
    """Whether this site is an issuer; with TRUSTED_ISSUERS and no ISSUER it only protects an API.

    Asked at start-up, when nobody has checked the settings yet.
    """
    given: object = conf.given
    if not isinstance(given, Mapping):
        return True
    return bool(conf.ISSUER) or not conf.TRUSTED_ISSUERS
