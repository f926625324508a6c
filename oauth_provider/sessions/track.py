"""What a browser session keeps of a sign-in: its own time (`auth_time`, not `user.last_login`: AS28) and its `sid`.

A session ends where Django says that somebody signed out, whichever page did it. Signing in anew, because an app or
the site asked for it, ends nothing: the same person goes on in the same session.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import logout as django_logout
from django.contrib.auth.signals import user_logged_in, user_logged_out

from oauth_provider.conf import conf
from oauth_provider.sessions import authentication_context, ending
from oauth_provider.sessions.authentication_context import AuthenticationContext

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from oauth_provider.models import Session
    from oauth_provider.values import Source

_AUTH_TIME = "oauth_provider_auth_time"
_SID = "oauth_provider_sid"
_BINDING = "oauth_provider_binding"
_ACR = "oauth_provider_acr"
_AMR = "oauth_provider_amr"
# The `sid` of somebody who is asked to sign in again, and who that is.
_GOES_ON = "oauth_provider_goes_on"


def connect() -> None:
    """Listen to signing in and signing out; runs once, at start."""
    user_logged_in.connect(_stamp, dispatch_uid="oauth_provider.stamp")
    user_logged_out.connect(_end, dispatch_uid="oauth_provider.signed_out")


def auth_time(session: SessionBase) -> datetime | None:
    """When the person signed in in this session; None when that was before the app was installed."""
    stamp = session.get(_AUTH_TIME)
    return datetime.fromtimestamp(stamp, UTC) if stamp is not None else None


def context(session: SessionBase) -> AuthenticationContext:
    """How the person signed in, as the site said it."""
    return AuthenticationContext(str(session.get(_ACR, "")), tuple(session.get(_AMR, ())))


def look_again(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Ask the site anew what this session has reached: a second factor may have come after the sign-in.

    `auth_time` stays that of the sign-in.
    """
    if conf.AUTHENTICATION_CONTEXT:
        _keep_context(request, user)


def sid(session: SessionBase) -> str:
    """The session's public identifier, or an empty string."""
    return str(session.get(_SID, ""))


def renew_sid(session: SessionBase) -> None:
    """Give the session another identifier, once everything known by the old one has ended."""
    if sid(session):
        session[_SID] = secrets.token_urlsafe(24)


def binding(session: SessionBase) -> str:
    """A random value only this session knows; pages shown in it are bound to it."""
    value = session.get(_BINDING)
    if value is None:
        value = session[_BINDING] = secrets.token_urlsafe(32)
    return str(value)


def sign_out(request: HttpRequest, *, source: Source) -> list[Session]:
    """Sign the person out and return where they were signed in by this session."""
    user: Any = request.user
    ended = ending.end(sid(request.session), reason="signed_out", user=user, source=source)
    # The receiver below has nothing left to do.
    request.session[_SID] = ""
    django_logout(request)
    return ended


def ask_to_sign_in_again(request: HttpRequest) -> None:
    """Sign the person out so that they sign in anew; who comes back as the same person goes on in the same session."""
    goes_on = [sid(request.session), str(request.user.pk)]
    request.session[_SID] = ""
    django_logout(request)
    if goes_on[0]:
        request.session[_GOES_ON] = goes_on


def _stamp(sender: object, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    del sender
    if hasattr(request, "session"):
        request.session[_AUTH_TIME] = int(datetime.now(UTC).timestamp())
        request.session[_SID] = _sid_of(request.session, user) or secrets.token_urlsafe(24)
        request.session[_BINDING] = secrets.token_urlsafe(32)
        _keep_context(request, user)


def _sid_of(session: SessionBase, user: AbstractBaseUser) -> str:
    """The session that goes on: this one, or the one before a sign-in that was asked for; "" for a new one."""
    before, key = session.pop(_GOES_ON, None) or ["", ""]
    if before and key != str(user.pk):
        # Somebody else came instead.
        ending.end(before, reason="another_person")
        before = ""
    return sid(session) or before


def _end(sender: object, request: HttpRequest, user: AbstractBaseUser | None, **_: Any) -> None:
    del sender
    # Without a user too: who was deactivated meanwhile signs out as nobody.
    if hasattr(request, "session") and sid(request.session):
        ending.end(sid(request.session), reason="signed_out", user=user)


def _keep_context(request: HttpRequest, user: AbstractBaseUser) -> None:
    reached, session = authentication_context.of(request, user), request.session
    if reached != context(session):
        session[_ACR], session[_AMR] = reached.acr, list(reached.amr)
