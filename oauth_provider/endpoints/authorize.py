"""GET|POST /authorize (RFC 6749 §3.1) and the decision that follows it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token

from oauth_provider import credentials, scopes
from oauth_provider.authorization.outcomes import AskConsent, NotForYou, Redirect
from oauth_provider.authorization.parameters import Asked, AuthorizationRequest, Stored, Viewer
from oauth_provider.claims import words
from oauth_provider.clients import redirect_uris
from oauth_provider.consent import choice, chosen_objects, picker
from oauth_provider.endpoints import permissions, ui_locales
from oauth_provider.endpoints.base import read_form, read_query, source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.form_post import form_post
from oauth_provider.endpoints.form_post import targets as form_targets
from oauth_provider.endpoints.forms import has_valid_csrf_token
from oauth_provider.endpoints.pages import describe_app, describe_span, error_page, page, protect
from oauth_provider.endpoints.viewer import SeeOther, login_url, viewer_of
from oauth_provider.errors import InvalidRequest, ProtocolError
from oauth_provider.models import StoredRequest
from oauth_provider.server import decision_pipeline
from oauth_provider.server.authorization_pipeline import keep
from oauth_provider.server.server import server
from oauth_provider.sessions import track
from oauth_provider.tokens import lifetimes
from oauth_provider.values import Decision, GrantType

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.values import Source

logger = logging.getLogger("oauth_provider.authorize")

# `next` is escaped twice on its way through a sign-in page; servers and Django refuse very long addresses.
_LONGEST_NEXT = 2000
_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


@csrf_exempt
@transaction.non_atomic_requests
@requires_csrf_token
@hides_values
@ui_locales.for_this_request
def authorize(request: HttpRequest) -> HttpResponse:
    """Read an authorization request and do with it what the pipeline says; a POST is stored and answered 303."""
    source = source_of(request)
    asked: Asked | None = None
    try:
        if request.method == "POST":
            asked = read_form(request)
            ui_locales.speak(asked.get("ui_locales"))
            return _keep(asked, request, source)
        if request.method != "GET":  # a HEAD must not leave a grant behind
            return HttpResponseNotAllowed(["GET", "POST"])
        asked, stored_at = _read(request)
        ui_locales.speak(asked.get("ui_locales"))
        outcome = _reopened(request) or server.authorize(
            AuthorizationRequest(
                asked, viewer_of(request), source, stored_at, look_again=lambda: viewer_of(request, looks_again=True)
            )
        )
    except ProtocolError as error:
        client_id = "" if asked is None else asked.get("client_id") or ""
        return error_page(request, error, source=source, client_id=client_id)
    if isinstance(outcome, Redirect):
        answer = outcome.response
        posts = bool(answer.fields)
        response = form_post(request, answer, client=outcome.client) if posts else SeeOther(answer.location)
        response["X-Request-Id"] = source.request_id
        return response
    if isinstance(outcome, AskConsent):
        return _consent_page(request, outcome)
    if isinstance(outcome, NotForYou):
        return _not_for_you(request, outcome)
    if outcome.sign_out:
        track.ask_to_sign_in_again(request)
    here = _url_of(outcome.request_id) if outcome.request_id else request.get_full_path()
    if len(here) > _LONGEST_NEXT:
        try:
            here = _kept(request, asked, source=source)
        except ProtocolError as error:
            return error_page(request, error, source=source)
    return SeeOther(login_url(here, page=outcome.page, hint=asked.get("login_hint")))


def _reopened(request: HttpRequest) -> AskConsent | None:
    """The page that was shown before, with what was chosen on it; None for any other request."""
    asked, viewer = read_query(request), viewer_of(request)
    request_id = asked.get("request") or ""
    is_used = any(map(_is_of_the_page, asked.values))
    if viewer.user is None or not is_used or not _is_request_id(request_id):
        return None
    return decision_pipeline.reopen(request_id, viewer=viewer, user=viewer.user, sent=asked.values)


def _is_of_the_page(name: str) -> bool:
    """Whether a parameter says what was chosen on the page, and is none of the request."""
    return choice.is_used(name) or chosen_objects.is_used([name])


def _again(sent: Mapping[str, str], mistake: chosen_objects.Mistake | None = None) -> dict[str, str]:
    """What was chosen on a page that is to be shown again with it."""
    return {**choice.again(sent), **chosen_objects.again(sent, mistake)}


def _keep(asked: Asked, request: HttpRequest, source: Source) -> HttpResponse:
    """OpenID Connect Core §3.1.2.1: POST is allowed. The parameters go on in a row, by GET, after any sign-in."""
    return SeeOther(_kept(request, asked, source=source))


def _kept(request: HttpRequest, asked: Asked, *, source: Source) -> str:
    """Our address with the request in a row, or in itself for a client that is not known yet and so has no rows."""
    request_id = keep(AuthorizationRequest(asked, viewer_of(request), source))
    if request_id is not None:
        return _url_of(request_id)
    single = [(name, value) for name, value in asked.values.items() if name != "resource"]
    query = urlencode([*single, *(("resource", uri) for uri in asked.resources)])
    here = f"{reverse('oauth_provider:authorize')}?{query}"
    if len(here) > _LONGEST_NEXT:
        raise InvalidRequest("This request is too long for an app that is not known yet; sign in first.")
    return here


def _read(request: HttpRequest) -> tuple[Asked, datetime | None]:
    """The parameters of the query, or those a request id stands for."""
    asked = read_query(request)
    request_id = asked.get("request")
    is_alone = {name for name in asked.values if not _is_of_the_page(name)} == {"request"} and not asked.doubled
    if request_id is None or not is_alone or not _is_request_id(request_id):
        return asked, None
    row = StoredRequest.objects.find(credentials.digest(request_id))
    if row is None or row.expires_at <= row.database_now:
        raise InvalidRequest(
            "This request is too old; start again from the app.",
            rule="request_too_old",
            compared={} if row is None else {"expired": f"{row.expires_at:%Y-%m-%d %H:%M:%S}"},
        )
    return Stored(row.parameters, tuple(row.resources)), row.created_at


def _is_request_id(value: str) -> bool:
    return credentials.is_kind(value, credentials.Kind.REQUEST)


def _url_of(request_id: str, *, chosen: Mapping[str, str] = _NO_FIELDS) -> str:
    return f"{reverse('oauth_provider:authorize')}?{urlencode({'request': request_id, **chosen})}"


def _consent_page(request: HttpRequest, asks: AskConsent) -> HttpResponse:
    client = asks.client
    keeps_access = client.allows_grant(GrantType.REFRESH_TOKEN)
    is_sign_in = bool(asks.scopes) and set(asks.scopes) <= scopes.SIGN_IN
    chosen = choice.read(asks.sent) if any(map(choice.is_used, asks.sent)) else None
    groups = permissions.grouped(client, asks.scopes, consent=asks.consent, chosen=chosen)
    context = {
        "app": describe_app(client, with_owner=True),
        "user_label": request.user.get_username(),
        "switch_user_url": login_url(_url_of(asks.request_id)),
        "groups": groups,
        "is_new": any(one.new for group in groups for one in group.permissions),
        "is_optional": any(one.field for group in groups for one in group.permissions),
        "wants_profile": "profile" in asks.scopes,
        "wants_email": "email" in asks.scopes,
        "tells": words.of(asks.scopes) if is_sign_in else (),
        "error": _("Choose at least one permission, or deny.") if choice.NOTHING in asks.sent else "",
        "redirect_host": redirect_uris.host_of(asks.redirect_uri),
        "redirect_is_local": redirect_uris.is_local(asks.redirect_uri),
        "lasts_until": (lasts_until := lifetimes.grant_ends(client) if keeps_access else None),
        "lasts_for": describe_span(lasts_until) if lasts_until is not None else "",
        "keeps_access": keeps_access,
        "request_id": asks.request_id,
        "decision_url": reverse("oauth_provider:decision"),
        "picker": picker.show(
            request.user,
            scopes=asks.scopes,
            details=asks.details,
            before={} if asks.consent is None else asks.consent.targets,
            sent=asks.sent,
        ),
        "picker_url": reverse("oauth_provider:authorize"),
        # What was ticked so far goes along while objects are searched.
        "picker_fields": [("request", asks.request_id), *(choice.again(asks.sent).items() if chosen else ())],
    }
    return page(request, "consent_sign_in.html" if is_sign_in else "consent.html", context)


def _ask_twice(
    request: HttpRequest, asks: decision_pipeline.AskTwice, *, sent: Mapping[str, str], request_id: str
) -> HttpResponse:
    client = asks.row.client
    context = {
        "app": describe_app(client),
        "user_label": request.user.get_username(),
        "groups": permissions.grouped(client, scopes.sensitive(asks.scopes)),
        "fields": [("request", request_id), *choice.fields(sent), *chosen_objects.fields(sent)],
        "decision_url": reverse("oauth_provider:decision"),
        "switch_user_url": login_url(_url_of(request_id)),
    }
    return page(request, "consent_again.html", context)


def _not_for_you(request: HttpRequest, outcome: NotForYou) -> HttpResponse:
    context = {
        "app": describe_app(outcome.client),
        "user_label": request.user.get_username(),
        "switch_user_url": login_url(request.get_full_path()),
        "location": outcome.response.location,
        "fields": outcome.response.fields.items(),
        "redirect_host": redirect_uris.host_of(outcome.redirect_uri),
    }
    answer = page(request, "not_for_you.html", context, status=403)
    if outcome.response.fields:
        protect(answer, sources={"form-action": form_targets(outcome.redirect_uri)})
    return answer


@csrf_exempt  # checked below, where a stale token can show the page again
@transaction.non_atomic_requests
@hides_values
@ui_locales.for_this_request
def decision(request: HttpRequest) -> HttpResponse:
    """POST: decide and answer 303. GET: the page that goes on to the client (conventions: `continue.html`)."""
    source, viewer = source_of(request), viewer_of(request)
    if request.method not in {"GET", "POST"}:  # a HEAD must not leave a token behind
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        asked = read_form(request) if request.method == "POST" else read_query(request)
    except ProtocolError as error:
        return error_page(request, error, source=source)
    request_id = asked.get("request") or ""
    if asked.doubled:
        doubled = InvalidRequest("A parameter was sent more than once.", rule="parameter_repeated")
        return error_page(request, doubled, source=source)
    if not _is_request_id(request_id):
        nameless = InvalidRequest("The request id is missing.", rule="request_id_missing")
        return error_page(request, nameless, source=source)
    if viewer.user is None:
        return SeeOther(login_url(_url_of(request_id)))
    if request.method != "POST":
        found = decision_pipeline.find(request_id, viewer=viewer, user=viewer.user, source=source)
        return _go_on(request, found, request_id, source)
    if not has_valid_csrf_token(request):
        return SeeOther(_url_of(request_id, chosen=_again(asked.values)))
    return _decide(request, asked, request_id=request_id, viewer=viewer, user=viewer.user, source=source)


def _decide(
    request: HttpRequest,
    asked: Asked,
    *,
    request_id: str,
    viewer: Viewer,
    user: AbstractBaseUser,
    source: Source,
) -> HttpResponse:
    try:
        decided = Decision(asked.get("decision") or "")
    except ValueError:
        return SeeOther(_url_of(request_id))
    outcome = decision_pipeline.decide(
        request_id, viewer=viewer, user=user, decision=decided, source=source, sent=asked.values
    )
    if isinstance(outcome, decision_pipeline.AskTwice):
        return _ask_twice(request, outcome, sent=asked.values, request_id=request_id)
    if isinstance(outcome, decision_pipeline.AskAgain) and outcome.mistake is not None:
        return SeeOther(_url_of(request_id, chosen=_again(asked.values, outcome.mistake)))
    if isinstance(outcome, decision_pipeline.AskAgain):
        if outcome.reason == decision_pipeline.NOTHING_CHOSEN:
            return SeeOther(_url_of(request_id, chosen={**_again(asked.values), choice.NOTHING: "yes"}))
        return _go_on(request, outcome, request_id, source)
    return SeeOther(f"{reverse('oauth_provider:decision')}?{urlencode({'request': request_id})}")


def _go_on(
    request: HttpRequest,
    outcome: decision_pipeline.GoOn | decision_pipeline.AskAgain,
    request_id: str,
    source: Source,
) -> HttpResponse:
    if isinstance(outcome, decision_pipeline.AskAgain):
        logger.info("asked again: request_id=%s: %s", source.request_id, outcome.reason)
        if not outcome.too_old:
            return SeeOther(_url_of(request_id))
        error = InvalidRequest("This request is too old.", detail=outcome.reason, rule="request_too_old")
        return error_page(
            request,
            error,
            source=source,
            message=_("This page is too old. Please go back to the app and start again."),
        )
    ui_locales.speak(outcome.row.parameters.get("ui_locales"))
    if outcome.response.fields:
        return form_post(request, outcome.response, client=outcome.row.client)
    context = {
        "location": outcome.response.location,
        "redirect_host": redirect_uris.host_of(outcome.target.redirect_uri),
        "app": describe_app(outcome.row.client),
        "allowed": outcome.allowed,
    }
    response = page(request, "continue.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response
