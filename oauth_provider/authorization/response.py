"""The authorization response in the query of the redirect URI, with `iss` always (RFC 6749 §4.1.2, RFC 9207 §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider.conf import conf

if TYPE_CHECKING:
    from oauth_provider.authorization.parameters import Target
    from oauth_provider.errors import ProtocolError


def success(target: Target, *, code: str) -> str:
    """The URI that carries a code."""
    return _add(target, {"code": code})


def error(target: Target, refused: ProtocolError) -> str:
    """The URI that carries an error."""
    return _add(target, refused.as_dict())


def _add(target: Target, members: dict[str, str]) -> str:
    if target.state is not None:
        members["state"] = target.state
    members["iss"] = conf.ISSUER
    # RFC 6749 §3.1.2: a registered query is retained.
    separator = "&" if "?" in target.redirect_uri else "?"
    return f"{target.redirect_uri}{separator}{urlencode(members)}"
