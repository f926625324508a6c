"""A web app with a server of its own, by Authlib: code flow with PKCE, then the API (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from demo_project.clients import credentials, journal
from demo_project.clients.exchange import arrived, sent_away
from demo_project.clients.settings import ORIGIN, PROVIDER
from demo_project.shown import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest, HttpResponse
    from requests import Response

NAME = "web"
SCOPE = "openid read write"
_TOKEN = "web.token"
_START = "clients:web"
_recorded = journal.recorded(NAME, starts_again_at=_START)


class _RecordingApp(DjangoOAuth2App):
    client_cls = journal.RecordingSession


_own = credentials.of(NAME)
provider = OAuth().register(
    NAME,
    client_cls=_RecordingApp,
    client_id=_own.client_id,
    client_secret=_own.client_secret,
    server_metadata_url=f"{PROVIDER}/.well-known/openid-configuration",
    client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
)


@require_GET
@_recorded
def start(request: HttpRequest) -> HttpResponse:
    """The app's front page, or what the API gave it."""
    token = request.session.get(_TOKEN)
    if token is None:
        return render(request, "clients/web_start.html", {"scope": SCOPE, "journal": journal.of(request, NAME)})
    with _session(request, token) as session:
        profile, organizations, notes = (_get(session, path) for path in ("user-profile", "organizations", "notes"))
    context = {
        "profile": profile,
        "organizations": organizations,
        "notes": notes,
        "claims": token.get("userinfo", {}),
        "token": {name: shorten(str(value)) for name, value in token.items() if name != "userinfo"},
        "journal": journal.of(request, NAME),
    }
    return render(request, "clients/web.html", context)


@require_GET
@_recorded
def login(request: HttpRequest) -> HttpResponse:
    """Read what the provider says about itself, and send the browser there."""
    journal.forget(request, NAME)
    # A client keeps the metadata and the keys for hours. Here they are read anew, to be seen.
    provider.server_metadata = {}
    away: HttpResponse = provider.authorize_redirect(request, f"{ORIGIN}{reverse('clients:web-callback')}")
    journal.note(sent_away(away["Location"]))
    return away


@require_GET
@_recorded
def callback(request: HttpRequest) -> HttpResponse:
    """Take the code, if the answer is ours, and exchange it from server to server."""
    journal.note(arrived(request))
    # RFC 9207 §2.4: the answer must come from the server that was asked. State, PKCE, nonce: Authlib's.
    if request.GET.get("iss") != PROVIDER:
        return journal.refused(
            request, NAME, "This answer comes from another authorization server.", starts_again_at=_START
        )
    token = provider.authorize_access_token(request)
    # A session that was handed to somebody before she signed in is worth nothing afterwards.
    request.session.cycle_key()
    request.session[_TOKEN] = dict(token)
    return redirect(_START)


@require_POST
@_recorded
def refresh(request: HttpRequest) -> HttpResponse:
    """Exchange the refresh token for its successor and a new access token (RFC 6749 §6)."""
    token = request.session.get(_TOKEN)
    if token is not None:
        with _session(request, token) as session:
            session.refresh_token(_endpoint("token_endpoint"))
        messages.success(request, "Refreshed: a new access token, and a new refresh token in place of the old one.")
    return redirect(_START)


@require_POST
@_recorded
def add(request: HttpRequest) -> HttpResponse:
    """Write a note in the person's name."""
    token = request.session.get(_TOKEN)
    if token is not None:
        body = {"organization": request.POST.get("organization", ""), "text": request.POST.get("text", "")}
        with _session(request, token) as session:
            answer = session.post(_api("notes"), json=body)
        if answer.status_code == 201:
            messages.success(request, "The API took the note.")
        else:
            messages.error(request, f"The API answered {answer.status_code}.")
    return redirect(_START)


@require_POST
@_recorded
def disconnect(request: HttpRequest) -> HttpResponse:
    """Revoke the refresh token, and with it everything that followed from it (RFC 7009)."""
    token = request.session.get(_TOKEN)
    if token is not None:
        with _session(request, token) as session:
            session.revoke_token(
                _endpoint("revocation_endpoint"), token=token["refresh_token"], token_type_hint="refresh_token"
            )
        # Not before: what nobody could be told about is kept, so that one can try again.
        del request.session[_TOKEN]
        messages.success(request, "Disconnected: the tokens are worth nothing any more.")
    return redirect(_START)


@contextmanager
def _session(request: HttpRequest, token: Mapping[str, Any]) -> Iterator[journal.RecordingSession]:
    """Authlib's client with this token; an access token that has expired is renewed on the way."""
    session = journal.RecordingSession(
        _own.client_id,
        _own.client_secret,
        token=dict(token),
        token_endpoint=_endpoint("token_endpoint"),
        update_token=lambda new, **_: _keep(request, token, new),
    )
    try:
        with session:
            yield session
    except OAuthError:
        # What was refused is not tried again. (An answer that got lost is another error, and is.)
        request.session.pop(_TOKEN, None)
        raise


def _keep(request: HttpRequest, token: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    # RFC 6749 §5.1: what the answer leaves out stays as it was.
    request.session[_TOKEN] = {**token, **new}


def _endpoint(name: str) -> str:
    return str(provider.load_server_metadata()[name])


def _api(path: str) -> str:
    return f"{PROVIDER}/api/{path}"


def _get(session: journal.RecordingSession, path: str) -> dict[str, Any]:
    """What a template needs of an answer."""
    answer: Response = session.get(_api(path))
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return {"status": answer.status_code, "is_ok": answer.ok, "members": answer.json() if is_json else {}}
