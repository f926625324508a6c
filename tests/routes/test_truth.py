"""What is printed is what happens: each method of each route is called, with tokens that are enough and not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils import timezone

from oauth_provider import scopes
from oauth_provider.insight.routes import routes
from oauth_provider.insight.routes.covered import Outcome
from oauth_provider.resource_server.ways import Way
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from tests.routes import site
from tests.settings import OAUTH_PROVIDER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.routes.site")]

SITE = [one for one in routes("tests.routes.site") if not one.route.startswith("/admin/")]
SCOPES = {name: name for name in ("a", "b", "c", "x", "write", "notes:read", "notes:write")}
# Superusers keep their rights, so that scopes alone decide here.
SCOPES |= {"read": Scope("read", "Read", staff=True)}
NOT_IN = {302, 401, 403}
VALUES = (
    (r"<\w+:\w+>", "1"),
    (r"\(\?P<grant>.*\)", "00000000-0000-0000-0000-000000000000"),
    (r"\(\?P<digest>.*?\)$", "0" * 16),
    (r"\(\?:openid-configuration\|oauth-authorization-server\)", "openid-configuration"),
    (r"\(\?P<\w+>(\[[^]]*\](\{[\d,]+\})?|\\d)\+?\??\)", "1"),
    (r"/\?$", ""),
    (r"\\", ""),
)


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {"SCOPES": SCOPES}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Cache" not in name]


@pytest.fixture
def boss(django_user_model):
    return django_user_model.objects.create_superuser("boss")


@pytest.fixture
def call(client, boss, covered):
    """The status for a token, or for none."""

    def send(names: Any = None, *, is_machine: bool = False) -> Any:
        caller: Any = client
        if names is not None:
            signed_in = {"user": boss, "profile": "first_party", "auth_time": timezone.now()}
            person = {"profile": "machine"} if is_machine else signed_in
            caller = as_app(client, scopes=names, **person)
        method = "get" if covered.method == "*" else covered.method.lower()
        return getattr(caller, method)(path_of(covered.route))

    return send


def path_of(route: str) -> str:
    for pattern, value in VALUES:
        route = re.sub(pattern, value, route)
    return route


def is_enough(names: set[str], ways: tuple[Way, ...]) -> bool:
    return any(set(way.scopes) <= names for way in ways)


def every_scope() -> list[str]:
    return list(scopes.registered())


def named(*outcomes: Outcome) -> list[Any]:
    return [pytest.param(one, id=one.key) for one in SITE if one.outcome in outcomes]


@pytest.mark.parametrize("covered", named(Outcome.SCOPES, Outcome.ANY_APP))
def test_each_way_enters_and_nothing_less_does(covered, call):
    assert call().status_code in NOT_IN
    for way in covered.verdict.ways:
        is_machine = "IsMachine" in way.conditions
        assert call(way.scopes, is_machine=is_machine).status_code not in NOT_IN
        for scope in way.scopes:
            left = set(way.scopes) - {scope}
            if not is_enough(left, covered.verdict.ways):
                assert call(left, is_machine=is_machine).status_code in {401, 403}
        if {"IsUser", "IsMachine", "not IsMachine"} & set(way.conditions):
            assert call(way.scopes, is_machine=not is_machine).status_code == 403
    if covered.outcome == Outcome.SCOPES:
        assert call(["x"]).status_code in NOT_IN or is_enough({"x"}, covered.verdict.ways)


@pytest.mark.parametrize("covered", named(Outcome.REFUSED))
def test_refused_a_token_with_every_scope_changes_nothing(covered, call):
    with_token, without = call(every_scope()), call()
    is_refused = with_token.status_code in NOT_IN
    is_as_without = with_token.status_code == without.status_code and "boss" not in with_token.text
    assert is_refused or is_as_without


@pytest.mark.parametrize("covered", named(Outcome.OPEN))
def test_open_without_a_token_and_with_one_only_as_said(covered, call):
    assert call().status_code == 200
    if "not looked at" in covered.verdict.why or "it has no auth" in covered.verdict.why:
        assert call([]).status_code == 200
        return
    assert call(["x"]).status_code == 403
    for way in covered.verdict.ways:
        assert call(way.scopes).status_code == 200


@pytest.mark.parametrize("covered", named(Outcome.MISCONFIGURED))
def test_misconfigured_raises_for_the_token_that_would_be_enough(covered, call):
    with pytest.raises(ImproperlyConfigured):
        call(every_scope())


def test_the_site_has_every_outcome():
    assert {one.outcome for one in SITE} == set(Outcome)


def test_a_superusers_token_opens_no_page_of_the_admin(client, boss):
    admin = [one for one in routes("tests.routes.site") if one.route.startswith("/admin/")]
    assert {one.outcome for one in admin} == {Outcome.REFUSED}
    response = as_app(client, user=boss, scopes=every_scope()).get("/admin/")
    assert response.status_code == 302


def test_reading_every_route_makes_no_statement(django_assert_num_queries):
    # One permission there tries; what is refused it is counted as a statement by those who count.
    quiet = tuple(pattern for pattern in site.urlpatterns if str(pattern.pattern) != "asks-database")
    with override_settings(ROOT_URLCONF=quiet), django_assert_num_queries(0):
        assert len(routes()) > 200
