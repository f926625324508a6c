"""Conditions in REST framework's compositions, and what is no condition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import JsonResponse
from django.urls import path
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import (
    HasAcr,
    HasAnyScope,
    HasAudience,
    HasFreshLogin,
    HasResourceScope,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
)
from oauth_provider.drf.permissions import AppPermission
from oauth_provider.ninja import OAuth2Auth
from oauth_provider.resource_server import kept, refusals
from oauth_provider.resource_server.decorators import ScopeRequiredMixin, scope_required
from tests.conditions.api import GOLD, SILVER

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns: list[Any] = []
FRESH = HasFreshLogin(max_age=300)


class View(APIView):
    def get(self, request: Any) -> Response:
        return Response({})


def mount(*permissions: Any) -> str:
    route = f"view-{len(urlpatterns)}"
    kind = type("View", (View,), {"permission_classes": list(permissions)})
    urlpatterns.append(path(route, kind.as_view()))
    return f"/{route}"


# ── a condition is no scope requirement ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "permission",
    [HasAcr(GOLD), FRESH, HasAudience("https://provider.example"), IsUser, IsFirstParty, HasAcr(GOLD) | HasScope("x")],
)
def test_token_that_holds_a_condition_alone_does_not_enter(person: Any, permission: Any) -> None:
    app = person(acr=GOLD, ago=1, profile="first_party")
    response = app.get(mount(permission))
    assert response.status_code == 403
    assert response.json()["code"] == "insufficient_scope"


def test_people_of_the_site_come_in_by_is_session_user(client: Any, person: Any, ada: Any) -> None:
    address = mount((HasScope("read") & FRESH) | IsSessionUser)
    assert person().get(address).status_code == 401
    assert person(ago=5).get(address).status_code == 200
    client.force_login(ada)
    assert client.get(address).status_code == 200
    assert client.get(mount(HasScope("read"), FRESH)).status_code == 403


@pytest.mark.parametrize("permission", [HasAcr(GOLD), FRESH, HasAudience("x"), IsMachine, IsFirstParty])
def test_conditions_are_held_by_no_session(client: Any, ada: Any, permission: Any) -> None:
    client.force_login(ada)
    assert client.get(mount(permission)).status_code == 403


def test_one_way_of_two_is_enough(person: Any) -> None:
    address = mount(HasScope("read") & (HasAcr(GOLD) | HasFreshLogin(max_age=60)))
    assert person(acr=GOLD).get(address).status_code == 200
    assert person(ago=5).get(address).status_code == 200
    assert person(ago=500).get(address).status_code == 401


def test_negation_of_a_condition_is_enough_beside_a_scope(person: Any) -> None:
    address = mount(HasScope("read"), ~HasAcr(GOLD))
    assert person().get(address).status_code == 200
    assert person(acr=GOLD).get(address).status_code == 403


def test_what_another_operand_allowed_is_not_told_as_lacking(person: Any) -> None:
    response = person("write").get(mount(IsAuthenticated | HasAcr(GOLD), HasScope("read")))
    assert response.json()["code"] == "insufficient_scope"
    assert "lacking" not in response.json()


def test_why_nothing_was_held_is_told(person: Any) -> None:
    response = person(ago=500).get(mount(IsAuthenticated | (HasScope("read") & FRESH)))
    assert (response.status_code, response.json()["code"]) == (401, "insufficient_user_authentication")


def test_two_ages_ask_for_the_shorter_and_two_lists_of_acr_for_what_both_take(person: Any) -> None:
    response = person().get(
        mount(HasScope("read"), FRESH, HasFreshLogin(max_age=60), HasAcr(GOLD, SILVER), HasAcr(SILVER))
    )
    assert f'acr_values="{SILVER}", max_age="60"' in response.headers["WWW-Authenticate"]


def test_permission_of_the_framework_that_says_no_is_told_as_the_framework_does(person: Any) -> None:
    response = person().get(mount(HasScope("read"), IsAdminUser))
    assert response.status_code == 403
    assert list(response.json()) == ["detail"]


def test_lacking_condition_is_told_though_another_permission_says_no_too(person: Any) -> None:
    response = person().get(mount(HasScope("read"), IsAdminUser, FRESH))
    assert (response.status_code, response.json()["code"]) == (401, "insufficient_user_authentication")


class OnMondays(AppPermission):
    """A site's own."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False

    def refusal(self, access: Any, door: Any) -> Any:
        return refusals.Refusal(403, {"detail": "Come on Monday.", "code": "not_today"}, "")


class Stricter(HasScope):
    """Asks more than it says."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return super().has_permission(request, view) and request.method == "POST"


def test_permission_of_the_site_that_has_an_answer_teaches(person: Any) -> None:
    response = person().get(mount(HasScope("read"), OnMondays))
    assert response.json() == {"detail": "Come on Monday.", "code": "not_today"}


class Looser(HasScope):
    """Says yes to whoever comes."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return True


def test_subclass_that_asks_less_than_its_conditions_opens_nothing(person: Any) -> None:
    response = person("write").get(mount(Looser("read")))
    assert (response.status_code, response.json()["required"]) == (403, ["read"])


def test_subclass_that_asks_more_than_its_conditions_is_obeyed(person: Any) -> None:
    assert person().get(mount(Stricter("read"))).status_code == 403


@pytest.mark.parametrize(
    ("permission", "rule", "compared"),
    [
        (FRESH, "sign_in_not_enough", {"required": "acr_values= max_age=300", "sent": "acr= auth_time="}),
        (IsMachine, "permission_refused", {"permission": "IsMachine"}),
        (HasAudience("x"), "permission_refused", {"permission": "HasAudience", "required": "x"}),
    ],
)
def test_why_is_kept_for_the_operator(person: Any, permission: Any, rule: str, compared: dict[str, str]) -> None:
    app = person()
    kept_for = kept.find(app.get(mount(HasScope("read"), permission)).headers["X-Request-Id"])
    assert kept_for is not None
    assert (kept_for["rule"], kept_for["compared"]) == (rule, compared)
    assert kept_for["about"]["client_id"] == app.app.client_id


# ── what nobody can hold, or nobody meant ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "make",
    [
        HasAcr,
        lambda: HasAcr("two words"),
        lambda: HasFreshLogin(max_age=0),
        lambda: HasFreshLogin(max_age=timedelta(milliseconds=10)),
        lambda: HasFreshLogin(max_age=-5),
        scope_required,
        lambda: scope_required("read", max_age=0),
        lambda: scope_required("read", only="people"),
        lambda: scope_required("read", acr="two words"),
        lambda: scope_required(any_of=True),
        OAuth2Auth,
        lambda: OAuth2Auth("read", only="people"),
    ],
)
def test_requirement_that_means_nothing_is_improperly_configured(make: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        make()


def test_kind_of_object_that_does_not_exist_is_improperly_configured(person: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        person().get(mount(HasScope("read"), HasTargets("planet")))


def test_mixin_without_scopes_is_improperly_configured_whatever_else_it_asks(person: Any) -> None:
    from django.views import View as DjangoView

    class Forgotten(ScopeRequiredMixin, DjangoView):
        max_age = 60

        def get(self, request: Any) -> JsonResponse:
            return JsonResponse({})

    urlpatterns.append(path("forgotten", Forgotten.as_view()))
    with pytest.raises(ImproperlyConfigured):
        person(ago=1).get("/forgotten")


def test_mixin_with_a_map_and_any_of(person: Any) -> None:
    from django.views import View as DjangoView

    class Mapped(ScopeRequiredMixin, DjangoView):
        required_scopes = {"GET": ["read", "write"], "POST": ["orgs"]}
        any_of = True

        def get(self, request: Any) -> JsonResponse:
            return JsonResponse({})

        def post(self, request: Any) -> JsonResponse:
            return JsonResponse({})

    urlpatterns.append(path("mapped", Mapped.as_view()))
    assert person("write").get("/mapped").status_code == 200
    assert person("write").head("/mapped").status_code == 200
    assert person("write").post("/mapped").status_code == 403
    assert person("write").options("/mapped").status_code == 200
    assert person("orgs").get("/mapped").status_code == 403


# ── 401 names what to ask for (RFC 6750 §3) ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("permissions", "scope"),
    [
        ([HasScope("a", "b")], "a b"),
        ([HasScope("a") & HasScope("b")], "a b"),
        ([HasScope("a"), HasScope("b"), FRESH], "a b"),
        ([HasScope("a") | IsSessionUser], "a"),
        ([IsSessionUser | (HasScope("a") & IsUser)], "a"),
        ([HasResourceScope("notes")], "notes:read"),
        ([HasScope("a") | HasScope("b")], ""),
        ([HasAnyScope("a", "b")], ""),
        ([IsAuthenticated], ""),
        ([IsAuthenticated, ~HasScope("a")], ""),
    ],
)
def test_RS5_no_token_is_told_the_scopes_where_there_is_no_choice(client: Any, permissions: Any, scope: str) -> None:
    response = client.get(mount(*permissions))
    assert response.status_code == 401
    told = f', scope="{scope}"' if scope else ""
    assert response.headers["WWW-Authenticate"].partition(", DPoP ")[0] == f'Bearer realm="api"{told}'


def test_RS5_challenge_of_every_refusal_names_the_metadata(client: Any, person: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.resource_server.urls_with_metadata"
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": {"read": "R", "write": "W"}}
    for response in (client.get("/notes"), person("write").get("/notes")):
        assert "resource_metadata=" in response.headers["WWW-Authenticate"]
