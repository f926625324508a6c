"""The authorization response, with `iss` always (RFC 6749 §4.1.2, RFC 9207 §2), in the mode the client asked for.

OAuth 2.0 Multiple Response Types §2.1 has `query` and `fragment`, OAuth 2.0 Form Post Response Mode has `form_post`.
Errors go the same way as codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from oauth_provider.conf import conf
from oauth_provider.values import ResponseMode

if TYPE_CHECKING:
    from oauth_provider.authorization.parameters import Target
    from oauth_provider.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Response:
    """Where the browser goes on to the client, and what a form posts there; without fields the address has it all."""

    location: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def success(target: Target, members: Mapping[str, str]) -> Response:
    """The response that carries a code, or what `front_channel.members` made."""
    return _respond(target, dict(members))


def error(target: Target, refused: ProtocolError) -> Response:
    """The response that carries an error."""
    return _respond(target, refused.as_dict())


def _respond(target: Target, members: dict[str, str]) -> Response:
    if target.state is not None:
        members["state"] = target.state
    members["iss"] = conf.ISSUER
    return RESPONSE_MODES[target.response_mode](target.redirect_uri, members)


def _query(redirect_uri: str, members: Mapping[str, str]) -> Response:
    # RFC 6749 §3.1.2: a registered query is retained.
    separator = "&" if "?" in redirect_uri else "?"
    return Response(f"{redirect_uri}{separator}{urlencode(members)}")


def _fragment(redirect_uri: str, members: Mapping[str, str]) -> Response:
    return Response(f"{redirect_uri}#{urlencode(members)}")


def _form_post(redirect_uri: str, members: Mapping[str, str]) -> Response:
    return Response(redirect_uri, dict(members))


# Response mode → how it carries the members.
RESPONSE_MODES: Mapping[ResponseMode, Callable[[str, Mapping[str, str]], Response]] = {
    ResponseMode.QUERY: _query,
    ResponseMode.FRAGMENT: _fragment,
    ResponseMode.FORM_POST: _form_post,
}
