"""What is switched on: asked at the door (URLs, metadata, CORS, checks), never in the rooms."""

from __future__ import annotations

from collections.abc import Mapping

from oauth_provider.conf import conf


def registers_clients() -> bool:
    """Whether clients may register themselves; a setting that says something else than our words says no."""
    return conf.DYNAMIC_REGISTRATION in {"token", "open"}


def registers_anybody() -> bool:
    """Whether they may do so without an initial access token."""
    return conf.DYNAMIC_REGISTRATION == "open"


def issues_tokens() -> bool:
    """Whether this site is an issuer; with TRUSTED_ISSUERS and no ISSUER it only protects an API.

    Asked at start-up, when nobody has checked the settings yet.
    """
    given: object = conf.given
    if not isinstance(given, Mapping):
        return True
    return bool(conf.ISSUER) or not conf.TRUSTED_ISSUERS
