"""/connected-apps/: the apps that have something of the signed-in person, what each may do, and the end of it."""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from oauth_provider import scopes
from oauth_provider.clients import initiate_login
from oauth_provider.consent import connected, devices, history, objects, permissions
from oauth_provider.endpoints import permissions as described
from oauth_provider.endpoints.base import source_of
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.endpoints.forms import form_page
from oauth_provider.endpoints.pages import describe_app, page
from oauth_provider.endpoints.viewer import SeeOther, login_url, viewer_of
from oauth_provider.tokens import revoke
from oauth_provider.values import GrantType

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from oauth_provider.models import Grant

_NAMED_IN_A_SENTENCE = 3


def own_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page about the signed-in person's own things; others go to sign in and come back."""

    @form_page
    @csrf_protect
    @transaction.non_atomic_requests
    @hides_values
    @functools.wraps(view)
    def own(request: HttpRequest, **named: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        user = viewer_of(request).user
        if user is None:
            return SeeOther(login_url(request.get_full_path()))
        return view(request, user, **named)

    return cast("Callable[..., HttpResponse]", own)


@own_page
def connected_apps(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
    """Every app, the one used last first."""
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET"])
    context = {
        **_person(request, user),
        "apps": [
            {
                **_described(app),
                "url": reverse("oauth_provider:connected-app", args=[app.client.pk]),
                "sentence": _sentence(app.scopes),
            }
            for app in connected.apps_of(user)
        ],
        "everywhere_url": reverse("oauth_provider:sign-out-everywhere"),
    }
    return page(request, "connected_apps/list.html", context)


@own_page
def connected_app(request: HttpRequest, user: AbstractBaseUser, key: str) -> HttpResponse:
    """One app: what it may do, where it is signed in, what happened; POST takes one thing away."""
    app = connected.app_of(user, int(key))
    if app is None:
        return _gone(request)
    if request.method == "POST":
        done = _take_away(request, user, app)
        left = connected.app_of(user, int(key)) if done == "place" else app
        here = "oauth_provider:connected-app" if left is not None else "oauth_provider:connected-apps"
        address = reverse(here, args=[app.client.pk] if left is not None else [])
        return SeeOther(f"{address}?done={done}" if done else address)
    return page(request, "connected_apps/detail.html", _detail(request, user, app))


@own_page
def end_connected_app(request: HttpRequest, user: AbstractBaseUser, key: str) -> HttpResponse:
    """Says in numbers what ends and what does not; POST ends it."""
    app = connected.app_of(user, int(key))
    if app is None:
        # Ended already, in another tab or by the app itself: there is nothing left to do.
        return SeeOther(reverse("oauth_provider:connected-apps")) if request.method == "POST" else _gone(request)
    if request.method == "POST":
        revoke.end_app(user, app.client, reason="app_ended", source=source_of(request))
        return SeeOther(f"{reverse('oauth_provider:connected-apps')}?done=app")
    context = {
        **_person(request, user),
        "app": _described(app),
        "permission_count": len(app.scopes),
        "places": [_place(grant) for grant in app.grants],
        "app_url": reverse("oauth_provider:connected-app", args=[app.client.pk]),
    }
    return page(request, "connected_apps/end.html", context)


def _take_away(request: HttpRequest, user: AbstractBaseUser, app: connected.App) -> str:
    """Do the one thing the pressed button says; its name for the page that follows, empty when nothing changed."""
    source, asked = source_of(request), request.POST
    if asked.get("scope") in permissions.removable(app.client, app.scopes):
        return "permission" if permissions.leave_out(user, app.client, asked["scope"], source=source) else ""
    if "place" in asked:
        grant = next((grant for grant in app.grants if str(grant.pk) == _uuid(asked["place"])), None)
        if grant is not None and revoke.end_place(grant, client=app.client, reason="place_ended", source=source):
            return "place"
        return ""
    if "objects" in asked and app.consent is not None:
        kinds = objects.described(app.consent.targets, user=user)
        kept = {kind.name: asked.getlist(f"object:{kind.name}") for kind in kinds if not kind.everything}
        return "objects" if objects.keep(user, app.client, kept, source=source) else ""
    return ""


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return ""


def _gone(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("This app is not connected"),
        "message": _("It has no access to your account, or not any more. Nothing is left to end."),
    }
    return page(request, "error.html", context, status=404)


def _person(request: HttpRequest, user: AbstractBaseUser) -> dict[str, Any]:
    return {
        "user_label": user.get_username(),
        "switch_user_url": login_url(reverse("oauth_provider:connected-apps")),
        "list_url": reverse("oauth_provider:connected-apps"),
        "done": request.GET.get("done", "")[:20],
    }


def _described(app: connected.App) -> dict[str, Any]:
    return {
        **describe_app(app.client),
        "is_active": app.client.is_active,
        "open_url": initiate_login.address(app.client),
        "since": app.since,
        "last_used_at": app.last_used_at,
        "last_used_address": app.last_used_address,
        "places": app.places,
    }


def _detail(request: HttpRequest, user: AbstractBaseUser, app: connected.App) -> dict[str, Any]:
    removable = permissions.removable(app.client, app.scopes)
    targets = app.consent.targets if app.consent is not None else {}
    return {
        **_person(request, user),
        "app": _described(app),
        "permissions": [
            {
                "said": said,
                "is_removable": said.name in removable,
                "part_of": history.in_words(permissions.carrying(said.name, app.scopes)),
            }
            for group in described.grouped(app.client, app.scopes)
            for said in group.permissions
        ],
        "kinds": objects.described(targets, user=user),
        "places": [_place(grant) for grant in app.grants],
        "more_places": app.places - len(app.grants),
        "history": history.between(user, app.client),
        "end_url": reverse("oauth_provider:end-connected-app", args=[app.client.pk]),
        "app_url": reverse("oauth_provider:connected-app", args=[app.client.pk]),
    }


def _place(grant: Grant) -> dict[str, Any]:
    is_by_code = grant.grant_type == GrantType.DEVICE_CODE
    return {
        "key": str(grant.pk),
        "device": devices.describe(grant.user_agent) or (_("A device") if is_by_code else _("A browser")),
        "is_by_code": is_by_code,
        "since": grant.created_at,
        "last_used_at": grant.last_used_at or grant.created_at,
        "address": grant.last_used_address,
    }


def _sentence(names: tuple[str, ...]) -> str:
    """What an app may do, in one sentence: the first permissions, and how many more."""
    if set(names) <= {scopes.OPENID}:
        return _("It recognises you by your account, and gets nothing else from it.")
    told = [name for name in names if name != scopes.OPENID]
    words = history.in_words(told[:_NAMED_IN_A_SENTENCE])
    if len(told) > _NAMED_IN_A_SENTENCE:
        return _("%(permissions)s · and %(more)d more") % {
            "permissions": words,
            "more": len(told) - _NAMED_IN_A_SENTENCE,
        }
    return words
