"""Signing out, whichever page of ours it was asked on: the session ends, and the page says who was signed out where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauth_provider.clients import redirect_uris
from oauth_provider.endpoints.pages import describe_app, page, protect
from oauth_provider.endpoints.viewer import SeeOther, login_url
from oauth_provider.sessions import frontchannel, track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from oauth_provider.models import Client, Session
    from oauth_provider.values import Source

# Seconds that frames of apps have to load before the browser goes on; whoever will not wait follows the link.
_FRAME_SECONDS = 3


def sign_out(
    request: HttpRequest, *, source: Source, app: Client | None = None, location: str = "", is_form: bool = True
) -> HttpResponse:
    """End this browser's session and answer with what comes next.

    That is `location`, an address `app` registered, at once where no app has to be told in the browser. `is_form`: one
    of our forms was sent, whose hops browsers hold against `form-action`; then a page of ours goes on.
    """
    name = request.user.get_username()
    ended = track.sign_out(request, source=source)
    frames = frontchannel.frames_of(ended)
    if location and not frames and not is_form:
        return SeeOther(location)
    context = {
        "user_label": name,
        "login_url": login_url("/"),
        "location": location,
        "seconds": _FRAME_SECONDS if frames else 0,
        "redirect_host": redirect_uris.host_of(location) if location else "",
        "app": None if app is None else describe_app(app),
        "frames": [frame.src for frame in frames],
        **_where(ended),
    }
    response = page(request, "signed_out.html", context)
    if frames:
        # CSP3 §6.1.7: what a frame may show; the page itself stays as closed as every other.
        protect(response, sources={"frame-src": tuple(dict.fromkeys(frame.origin for frame in frames))})
    return response


def nobody(request: HttpRequest) -> HttpResponse:
    """The page for a browser in which nobody is signed in."""
    return page(request, "signed_out.html", {"user_label": "", "login_url": login_url("/")})


def _where(ended: Iterable[Session]) -> dict[str, list[str]]:
    """Names of apps: those that are told, and those that nobody can tell."""
    told: list[str] = []
    silent: list[str] = []
    for session in ended:
        client = session.client
        is_told = client.backchannel_logout_uri or client.frontchannel_logout_uri
        (told if is_told else silent).append(client.name)
    return {"told_apps": sorted(told), "silent_apps": sorted(silent)}
