"""Whose browser is this: the signed-in person and what the session says of the sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, get_script_prefix, is_valid_path, reverse
from django.utils.translation import get_language

from oauth_provider.authorization.parameters import Viewer
from oauth_provider.authorization.sign_in import Page
from oauth_provider.conf import conf
from oauth_provider.sessions import track

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest


# The parameter of OpenID Connect Core §3.1.2.1 under its own name.
LOGIN_HINT = "login_hint"
LONGEST_HINT = 254


class SeeOther(HttpResponseRedirect):
    """303: after a POST with credentials nothing is sent again (RFC 9700 §4.12; AS19)."""

    status_code = 303
    # The target was compared with what the client registered; an app's own scheme is one of them.
    allowed_schemes = ["http", "https"]  # Django's own declaration

    def __init__(self, location: str) -> None:
        scheme = urlsplit(location).scheme
        if scheme:
            self.allowed_schemes = [*self.allowed_schemes, scheme]
        super().__init__(location)
        self["Cache-Control"] = "no-store"


def viewer_of(request: HttpRequest, *, looks_again: bool = False) -> Viewer:
    """The viewer; a session is made only for somebody who is signed in.

    `looks_again`: the site is asked anew how they signed in.
    """
    user = cast("AbstractBaseUser | AnonymousUser", request.user)
    if isinstance(user, AnonymousUser) or not user.is_authenticated:
        return Viewer(None, None, "", "")
    session = request.session
    if looks_again:
        track.look_again(request, user)
    reached = track.context(session)
    return Viewer(user, track.auth_time(session), track.sid(session), track.binding(session), reached.acr, reached.amr)


def login_page() -> str:
    """The site's own login page, or ours where LOGIN_URL leads nowhere."""
    try:
        url = resolve_url(settings.LOGIN_URL)
    except NoReverseMatch:  # the name of a page the site has not
        return reverse("oauth_provider:login")
    # Another host may serve it: that cannot be seen from here.
    return url if urlsplit(url).netloc or _is_served(urlsplit(url).path) else reverse("oauth_provider:login")


def _is_served(path: str) -> bool:
    """Whether some view answers, perhaps only after LocaleMiddleware put the reader's language before the path."""
    path = "/" + path.removeprefix(get_script_prefix()).lstrip("/")
    return bool(is_valid_path(path) or is_valid_path(f"/{get_language()}{path}"))


def login_url(next_url: str, *, page: Page = Page.SIGN_IN, hint: str | None = None) -> str:
    """The login page with a `next` to come back to; on another host `next` says whose path it is.

    `page` may be the site's page for a new account or for a second factor; `hint` goes along as `login_hint`.
    """
    url, issuer = _page_url(page), urlsplit(conf.ISSUER)
    if urlsplit(url).netloc not in {"", issuer.netloc}:
        next_url = f"{issuer.scheme}://{issuer.netloc}{next_url}"
    separator = "&" if "?" in url else "?"
    has_hint = hint is not None and len(hint) <= LONGEST_HINT and hint.isprintable()
    return f"{url}{separator}{urlencode({'next': next_url, **({LOGIN_HINT: hint} if has_hint else {})})}"


def _page_url(page: Page) -> str:
    named = {Page.SIGN_UP: conf.SIGN_UP_URL, Page.STEP_UP: conf.STEP_UP_URL}.get(page, "")
    try:
        return resolve_url(named) if named else login_page()
    except NoReverseMatch:  # E104 says so
        return login_page()
