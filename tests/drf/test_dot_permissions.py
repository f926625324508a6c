"""Each permission class of django-oauth-toolkit with each of the two authentication classes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import path
from oauth2_provider.contrib.rest_framework import (
    IsAuthenticatedOrTokenHasScope,
    TokenHasReadWriteScope,
    TokenHasResourceScope,
    TokenHasScope,
    TokenMatchesOASRequirements,
)
from oauth2_provider.contrib.rest_framework import OAuth2Authentication as DOTAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import HasScope, OAuth2Authentication

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ALTERNATIVES = {"GET": [["read"], ["a", "b"]]}
# permission, attributes of the view, scopes that are enough, what the 403 says is needed
CASES = [
    (TokenHasScope, {"required_scopes": ["read"]}, "read", ["read"]),
    (TokenHasReadWriteScope, {}, "read", ["read"]),
    (TokenHasReadWriteScope, {"required_scopes": ["a"]}, "a read", ["a", "read"]),
    (TokenHasResourceScope, {"required_scopes": ["notes"]}, "notes:read", ["notes:read"]),
    (IsAuthenticatedOrTokenHasScope, {"required_scopes": ["read"]}, "read", ["read"]),
    (TokenMatchesOASRequirements, {"required_alternate_scopes": ALTERNATIVES}, "read", ["read"]),
    (TokenMatchesOASRequirements, {"required_alternate_scopes": ALTERNATIVES}, "a b", ["read"]),
]
IDS = [f"{case[0].__name__}-{case[2].replace(' ', '-')}" for case in CASES]


class Notes(APIView):
    def get(self, request: Any) -> Response:
        return Response({"user": str(request.user)})


def view(number: int, authentication: Any) -> Any:
    permission, attributes, _, _ = CASES[number]
    return type(
        "View",
        (Notes,),
        {
            "permission_classes": [permission],
            "authentication_classes": [authentication, SessionAuthentication],
            **attributes,
        },
    ).as_view()


def custom(*permissions: Any, **attributes: Any) -> Any:
    return type(
        "View",
        (Notes,),
        {"permission_classes": permissions, "authentication_classes": [OAuth2Authentication], **attributes},
    ).as_view()


urlpatterns = [
    *(path(f"ours/{number}", view(number, OAuth2Authentication)) for number in range(len(CASES))),
    *(path(f"dot/{number}", view(number, DOTAuthentication)) for number in range(len(CASES))),
    path("has-scope-with-dot", type("V", (Notes,), {
        "permission_classes": [HasScope("read")], "authentication_classes": [DOTAuthentication]}).as_view()),
    path("empty", custom(TokenHasScope, required_scopes=[])),
    path("missing", custom(TokenHasScope)),
    path("or", custom(IsAuthenticated | TokenHasScope, required_scopes=["a"])),
    path("not", custom(~TokenHasScope, required_scopes=["a"])),
    path("and-reversed", custom(HasScope("b") & TokenHasScope, required_scopes=["a"])),
    path("and", custom(TokenHasScope & HasScope("b"), required_scopes=["a"])),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_our_class_lets_in_our_token_with_the_scope(app: Any, number: int) -> None:
    response = app(CASES[number][2]).get(f"/ours/{number}")
    assert response.status_code == 200
    assert response.json() == {"user": "ada"}


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_our_class_refuses_our_token_without_the_scope(app: Any, number: int) -> None:
    response = app("x").get(f"/ours/{number}")
    assert response.status_code == 403
    assert response.json()["code"] == "insufficient_scope"
    assert response.json()["required"] == CASES[number][3]


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_our_class_answers_401_without_a_token(client: Any, number: int) -> None:
    assert client.get(f"/ours/{number}").status_code == 401


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_our_class_reads_a_token_of_dot(dot_app: Any, number: int) -> None:
    assert dot_app(CASES[number][2]).get(f"/ours/{number}").status_code == 200


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_our_class_refuses_a_token_of_dot_without_the_scope(dot_app: Any, number: int) -> None:
    assert dot_app("x").get(f"/ours/{number}").status_code == 403


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_dot_class_lets_in_its_token_with_the_scope(dot_app: Any, number: int) -> None:
    assert dot_app(CASES[number][2]).get(f"/dot/{number}").status_code == 200


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_dot_class_refuses_its_token_without_the_scope(dot_app: Any, number: int) -> None:
    assert dot_app("x").get(f"/dot/{number}").status_code == 403


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_dot_class_does_not_know_our_token(app: Any, number: int) -> None:
    assert app(CASES[number][2]).get(f"/dot/{number}").status_code == 401


@pytest.mark.parametrize("mount", ["ours", "dot"])
def test_session_user_enters_only_by_is_authenticated_or_token_has_scope(client: Any, ada: Any, mount: str) -> None:
    client.force_login(ada)
    found = {CASES[number][0].__name__: client.get(f"/{mount}/{number}").status_code for number in range(len(CASES))}
    assert {name for name, status in found.items() if status == 200} == {"IsAuthenticatedOrTokenHasScope"}
    assert set(found.values()) == {200, 403}


def test_has_scope_refuses_a_request_that_dot_authenticated(dot_app: Any) -> None:
    assert dot_app("read").get("/has-scope-with-dot").status_code == 403


def test_empty_requirement_of_dot_lets_no_token_in(app: Any) -> None:
    assert app("read").get("/empty").status_code == 403


def test_missing_requirement_of_dot_is_improperly_configured(app: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        app("read").get("/missing")


def test_composed_permissions_of_dot_obey_the_rule(app: Any) -> None:
    assert [app(scopes).get("/or").status_code for scopes in ("a", "b")] == [200, 403]
    assert [app(scopes).get("/not").status_code for scopes in ("a", "b")] == [403, 403]
    assert [app(scopes).get("/and").status_code for scopes in ("a", "b", "a b")] == [403, 403, 200]
    for address, required in (("/and", ["a", "b"]), ("/and-reversed", ["b", "a"])):
        assert app("x").get(address).json()["required"] == required
