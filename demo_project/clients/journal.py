"""The requests that really happened for one visitor, kept in her session and shown on every page."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.shortcuts import render

from demo_project.clients.exchange import Exchange, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

    View = Callable[[HttpRequest], HttpResponse]

_KEPT = 30
_TIMEOUT_SECONDS = 10

_happened: ContextVar[list[Exchange] | None] = ContextVar("happened", default=None)


class RecordingSession(OAuth2Session):
    """Authlib's client, which notes each request as it leaves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing but the address it is given: no proxy and no .netrc of this machine.
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = _TIMEOUT_SECONDS
        response: requests.Response = super().send(request, **kwargs)
        note(sent(response))
        return response


def note(exchange: Exchange) -> None:
    """Remember an exchange for the visitor that is being answered."""
    happened = _happened.get()
    if happened is not None:
        happened.append(exchange)


def recorded(app: str, *, starts_again_at: str) -> Callable[[View], View]:
    """A view whose requests are kept in the journal of this app; what the provider refuses becomes a page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def with_journal(request: HttpRequest) -> HttpResponse:
            with _recording(request, app):
                try:
                    return view(request)
                except OAuthError as error:
                    # No description: what a server writes to a developer is in the journal.
                    message = f"The provider answered “{error.error}”."
                except requests.RequestException:
                    message = "The provider did not answer."
            return refused(request, app, message, starts_again_at=starts_again_at)

        return with_journal

    return decorate


def refused(request: HttpRequest, app: str, message: str, *, starts_again_at: str) -> HttpResponse:
    """The page that says why it ended, with all that led there."""
    context = {"message": message, "starts_again_at": starts_again_at, "journal": of(request, app)}
    return render(request, "clients/refused.html", context, status=400)


def of(request: HttpRequest, app: str) -> list[Exchange]:
    """What happened for this visitor in this app, the latest first."""
    kept = [Exchange(**written) for written in request.session.get(_key(app), [])]
    return [*kept, *(_happened.get() or [])][::-1]


def forget(request: HttpRequest, app: str) -> None:
    """Begin anew."""
    request.session.pop(_key(app), None)


@contextmanager
def _recording(request: HttpRequest, app: str) -> Iterator[None]:
    happened: list[Exchange] = []
    token = _happened.set(happened)
    try:
        yield
    finally:
        _happened.reset(token)
        if happened:
            kept = [*request.session.get(_key(app), []), *(exchange.as_dict() for exchange in happened)]
            request.session[_key(app)] = kept[-_KEPT:]


def _key(app: str) -> str:
    return f"{app}.journal"
