"""What is said of each sort of view, in the words that are printed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.test import override_settings
from django.urls import path

from oauth_provider.insight.routes import routes
from tests.routes import site

SAID = {
    # Plain Django
    "* /function": "refused",
    "* /partial": "refused",
    "* /callable": "refused",
    "GET /page": "refused",
    "* /scoped": "read",
    "* /scoped-async": "read",
    "GET /scoped-inside": "read write",
    "POST /scoped-inside": "read write",
    "* /scoped-forgetful": "read",
    "* /scoped-twice": "read write",
    "* /scoped-behind-login": "refused",
    "* /scoped-before-permission": "refused",
    "GET /scoped-page": "read",
    "POST /scoped-page": "read write",
    "PUT /scoped-page": "refused",
    "GET /scoped-page-given": "write",
    "GET /scoped-page-misconfigured": "misconfigured",
    "GET /scoped-page-behind-login": "refused",
    "GET /scoped-page-decorated": "refused",
    # Django REST framework
    "GET /drf/scope": "read",
    "GET /drf/any-scope": "read | write",
    "GET /drf/both": "a b",
    "GET /drf/either": "a | b c",
    "GET /drf/list": "a b",
    "GET /drf/nested": "a c | b c",
    "GET /drf/or-session": "read",
    "GET /drf/or-anonymous": "open",
    "GET /drf/user": "read + IsUser",
    "GET /drf/machine": "read + IsMachine",
    "GET /drf/audience": "read + HasAudience(https://provider.example)",
    "GET /drf/hours": "read + WorkingHours",
    "GET /drf/fresh": "read + Fresh(300)",
    "GET /drf/opens": "any app + Opens",
    "GET /drf/any-app": "any app",
    "GET /drf/any-app-of-users": "any app + IsUser",
    "GET /drf/allow-any": "open",
    "GET /drf/nothing": "open",
    "GET /drf/authenticated": "refused",
    "GET /drf/authenticated-or-scope": "x",
    "GET /drf/not-scope": "open",
    "GET /drf/not-machine": "read + not IsMachine",
    "GET /drf/session-only": "refused",
    "GET /drf/read-only": "open",
    "POST /drf/read-only": "refused",
    "GET /drf/other-authentication": "refused",
    "GET /drf/other-authentication-open": "open",
    "GET /drf/misconfigured": "misconfigured",
    "GET /drf/resource": "notes:read",
    "POST /drf/resource": "notes:write",
    "GET /drf/mapped": "read + IsUser",
    "POST /drf/mapped": "refused",
    "GET /drf/by-method": "open",
    "POST /drf/by-method": "write",
    "GET /drf/failing/<str:scope>": "unclear",
    "GET /asks-database": "unclear",
    "GET /drf/overridden-check": "open",
    "GET /drf/function": "read",
    "GET /drf/by-head": "read",
    "HEAD /drf/by-head": "a",
    "GET /drf/open-description": "read",
    "OPTIONS /drf/open-description": "open",
    "GET /drf/decorated": "read a",
    "GET /drf/decorated-open": "a",
    "GET /drf/decorated-closed": "refused",
    "GET /drf/wrapped": "read",
    "GET /drf/behind-login": "refused",
    "GET /drf/given": "write",
    "GET /drf/dot-read-write": "a read",
    "POST /drf/dot-read-write": "a write",
    "GET /drf/dot-alternatives": "a | b c",
    "GET /drf/dot-misconfigured": "misconfigured",
    # Viewsets
    "GET /nested/again/notes/": "read",
    "POST /nested/again/notes/": "write",
    "GET /nested/again/notes/shared/": "a",
    "GET /nested/again/notes/(?P<pk>[^/.]+)/": "b",
    "DELETE /nested/again/notes/(?P<pk>[^/.]+)/": "refused",
    "POST /nested/again/notes/(?P<pk>[^/.]+)/public/": "open",
    # Django Ninja
    "GET /ninja/open": "open",
    "GET /ninja/read": "read",
    "POST /ninja/read": "write + HasFreshLogin(300)",
    "GET /ninja/session": "refused",
    "GET /ninja-closed/inherited": "write",
    "GET /ninja-closed/decorated": "read",
    # Our own
    "POST /token/?": "refused",
    "* /userinfo/?": "openid + IsUser",
    "GET /manage/clients": "oauth:clients.read + HoldsRight",
    "* /manage/": "refused",
}


@cache
def found():
    return {f"{one.method} {one.route}": one for one in routes("tests.routes.site")}


@pytest.mark.parametrize("key", SAID)
def test_said(key):
    assert found()[key].written == SAID[key]


def test_file_and_line_are_of_what_a_developer_wrote():
    source = Path(site.__file__).read_text(encoding="utf-8").splitlines()
    for key, line in {
        "GET /scoped-inside": "@never_cache",
        "* /scoped-forgetful": '@scope_required("read")',
        "GET /scoped-page": "class ScopedPage(ScopeRequiredMixin, View):",
        "GET /drf/function": '@api_view(["GET", "POST"])',
        "GET /nested/again/notes/": "class NotesSet(viewsets.ViewSet):",
        "GET /ninja/read": '@ninja.get("/read", auth=OAuth2Auth("read"))',
        "GET /drf/scope": "class GetOnly(APIView):",
    }.items():
        place = found()[key].place
        assert place.file == "tests/routes/site.py"
        assert source[place.line - 1] == line


@pytest.mark.django_db
def test_a_route_says_why():
    said = {f"{one.method} {one.route}": one.verdict.why for one in routes("tests.routes.site")}
    assert said["GET /drf/failing/<str:scope>"].endswith("KeyError")
    assert "database" in said["GET /asks-database"]
    assert said["GET /drf/or-anonymous"] == "anybody enters without a token; with one an app needs: read"
    assert said["GET /drf/other-authentication-open"] == "anybody enters without a token; a token is not looked at"
    assert "authentication_classes" in said["GET /drf/other-authentication"]


def test_a_view_must_name_its_resource_where_there_are_several(settings):
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {
        "RESOURCES": {"https://provider.example": "Ours", "https://api.example": "API"}
    }
    said = {f"{one.method} {one.route}": one for one in routes("tests.routes.site")}
    for key in ("GET /drf/scope", "* /scoped", "GET /scoped-page"):
        assert said[key].written == "misconfigured"
        assert "RESOURCES" in said[key].verdict.why
    assert said["GET /manage/clients"].written == "oauth:clients.read + HoldsRight"


def test_routes_of_each_language_are_written_once():
    with override_settings(ROOT_URLCONF=tuple(i18n_patterns(path("notes", site.function)))):
        assert [one.route for one in routes()] == ["/<language>/notes"]


def test_the_mixin_behind_view_never_runs():
    from django.views import View

    from oauth_provider.resource_server.decorators import ScopeRequiredMixin

    kind = type("Late", (View, ScopeRequiredMixin), {"required_scopes": ["read"], "get": lambda *_: None})
    with override_settings(ROOT_URLCONF=(path("late", View.as_view.__func__(kind)),)):
        (one,) = routes()
    assert one.written == "misconfigured"
    assert "never runs" in one.verdict.why
