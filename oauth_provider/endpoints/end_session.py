"""/end_session (OpenID Connect RP-Initiated Logout 1.0): an app asks that the person be signed out here.

The person is asked, unless the hint is of this very session (IS1): a stranger's page could sign people out otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from oauth_provider.endpoints import sign_out, ui_locales
from oauth_provider.endpoints.base import read_form, read_query, source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.forms import form_page
from oauth_provider.endpoints.pages import describe_app, error_page, page
from oauth_provider.endpoints.viewer import SeeOther
from oauth_provider.errors import InvalidRequest, ProtocolError
from oauth_provider.sessions import logout_request, track

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.server.reading import Parameters
    from oauth_provider.sessions.logout_request import LogoutRequest

DECISION, SIGN_OUT = "decision", "sign_out"


@csrf_exempt  # §2: an app may send its request by POST; it ends at most the session of which it holds an ID token
@transaction.non_atomic_requests
@hides_values
@ui_locales.for_this_request
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out at once, ask, or say what is wrong; never a way to an address that the app did not register (AS3).

    A POST is kept and answered by 303 to here.
    """
    if request.method not in {"GET", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    source = source_of(request)
    try:
        asked = read_query(request) if request.method == "GET" else read_form(request)
        ui_locales.speak(asked.get("ui_locales"))
        wanted = _read(asked)
    except ProtocolError as error:
        return error_page(request, error, source=source)
    if request.method == "POST":
        return SeeOther(_address(logout_request.keep(wanted, _known(asked))))
    user = request.user
    if not user.is_authenticated:
        return SeeOther(wanted.location) if wanted.location else sign_out.nobody(request)
    if not wanted.is_about(user, sid=track.sid(request.session)):
        return _ask(request, asked, wanted)
    return sign_out.sign_out(request, source=source, app=wanted.client, location=wanted.location, is_form=False)


@form_page
@csrf_protect
@transaction.non_atomic_requests
@hides_values
@ui_locales.for_this_request
def end_session_decision(request: HttpRequest) -> HttpResponse:
    """POST: what the person answered. GET, as after a stale form: asked anew."""
    if request.method != "POST":
        return SeeOther(reverse("oauth_provider:end-session"))
    source = source_of(request)
    try:
        asked = read_form(request)
        ui_locales.speak(asked.get("ui_locales"))
        wanted = _read(asked)
    except ProtocolError as error:
        return error_page(request, error, source=source)
    if not request.user.is_authenticated:
        return sign_out.nobody(request)
    if asked.get(DECISION) != SIGN_OUT:
        return page(request, "signed_in.html", {"user_label": request.user.get_username(), "stays": True})
    return sign_out.sign_out(request, source=source, app=wanted.client, location=wanted.location)


def _read(asked: Parameters) -> LogoutRequest:
    if asked.doubled:
        raise InvalidRequest(
            f"Sent more than once: {', '.join(sorted(asked.doubled))[:200]}.", rule="parameter_repeated"
        )
    return logout_request.read(_known(asked))


def _known(asked: Parameters) -> dict[str, str]:
    return {name: value for name in logout_request.PARAMETERS if (value := asked.get(name))}


def _address(query: dict[str, str]) -> str:
    here = reverse("oauth_provider:end-session")
    return f"{here}?{urlencode(query)}" if query else here


def _ask(request: HttpRequest, asked: Parameters, wanted: LogoutRequest) -> HttpResponse:
    context = {
        "user_label": request.user.get_username(),
        "app": None if wanted.client is None else describe_app(wanted.client),
        "decision_url": reverse("oauth_provider:end-session-decision"),
        "fields": _known(asked).items(),
    }
    return page(request, "sign_out.html", context)
