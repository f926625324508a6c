"""Front-channel logout (OpenID Connect Front-Channel Logout 1.0): pages of apps, opened in frames of one of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from oauth_provider.clients import redirect_uris
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth_provider.models import Session


@dataclass(frozen=True, slots=True)
class Frame:
    """What is opened for one app: its registered address with `iss` and `sid`, and the origin a page must allow."""

    src: str
    origin: str


def frames_of(ended: Iterable[Session]) -> tuple[Frame, ...]:
    """A frame for each of these sessions whose client wants one.

    §3: `iss` and `sid` go along always, whether the client says that it requires them or not: with them it can tell
    which session is meant, and that a stranger's page did not ask.
    """
    return tuple(frame for session in ended for frame in _frame_of(session))


def _frame_of(session: Session) -> Iterable[Frame]:
    uri = session.client.frontchannel_logout_uri
    origin = redirect_uris.origin_of(uri) if uri else None
    if origin is None:
        return
    query = urlencode({"iss": conf.ISSUER, "sid": session.sid})
    yield Frame(f"{uri}{'&' if urlsplit(uri).query else '?'}{query}", origin)
