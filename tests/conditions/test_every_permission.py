"""What no token of an attacker gets past: the same battery through every permission class there is."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import path
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider import drf
from oauth_provider.drf import (
    AllowAppsWithoutScope,
    HasAcr,
    HasAnyScope,
    HasAudience,
    HasFreshLogin,
    HasModelScope,
    HasResourceScope,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
    OAuth2Authentication,
)
from oauth_provider.keys import signing
from oauth_provider.models import Grant
from oauth_provider.scopes import Scope, model_scopes
from oauth_provider.testing import as_app
from tests.conditions.api import GOLD
from tests.orgs.models import Org

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ISSUER = "https://provider.example"
# Each class as a view would ask for it. What opens no gate alone stands beside a scope.
PERMISSIONS: dict[type, Any] = {
    HasScope: HasScope("read"),
    HasAnyScope: HasAnyScope("read", "write"),
    HasResourceScope: HasResourceScope("notes"),
    HasModelScope: HasModelScope,
    AllowAppsWithoutScope: AllowAppsWithoutScope,
    HasAcr: HasScope("read") & HasAcr(GOLD),
    HasFreshLogin: HasScope("read") & HasFreshLogin(max_age=300),
    HasAudience: HasScope("read") & HasAudience(ISSUER),
    HasTargets: HasScope("orgs") & HasTargets("organization"),
    IsUser: HasScope("read") & IsUser,
    IsMachine: HasScope("read") & IsMachine,
    IsFirstParty: HasScope("read") & IsFirstParty,
    IsSessionUser: HasScope("read") | IsSessionUser,
}
EVERY = pytest.mark.parametrize("permission", [kind.__name__ for kind in PERMISSIONS])
FOR_MACHINES = "IsMachine"


class View(APIView):
    authentication_classes = [SessionAuthentication, OAuth2Authentication]
    parser_classes = [JSONParser, FormParser]
    queryset = Org.objects.all()
    ran: list[str] = []

    def get(self, request: Any) -> Response:
        self.ran.append(request.method)
        return Response({"user": str(request.user)})

    post = get


@login_required
def account(request: Any) -> HttpResponse:
    return HttpResponse("secrets")


urlpatterns = [
    *(
        path(kind.__name__, type("View", (View,), {"permission_classes": [asked]}).as_view())
        for kind, asked in PERMISSIONS.items()
    ),
    path("admin/", admin.site.urls),
    path("account", account),
]


@pytest.fixture(autouse=True)
def _every_scope(settings: Any, _scopes: None) -> None:
    made = {scope.name: scope for scope in model_scopes("orgs.Org")}
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {
        "SCOPES": {
            **settings.OAUTH_PROVIDER["SCOPES"],
            **made,
            "notes:read": "R",
            "notes:write": "W",
            "power": Scope("power", "Staff", staff=True),
        }
    }
    View.ran.clear()


@pytest.fixture
def holder(client: Any, person: Any, boss: Any, ada: Any, acme: Org) -> Any:
    """`holder("HasAcr")`: an app whose token holds everything that any of the views asks."""

    def make(permission: str) -> Any:
        scopes = "read write orgs notes:read notes:write power orgs.view_org orgs.add_org"
        if permission == FOR_MACHINES:
            return as_app(client, scopes=scopes)
        acme.members.add(boss)
        wanted = {"user": boss, "targets": {"organization": "*"}, "profile": "first_party"}
        return person(scopes, acr=GOLD, ago=5, **wanted)

    return make


def call(app: Any, permission: str, value: str | None = None, *, scheme: str = "Bearer", query: str = "") -> Any:
    token = app.token if value is None else value
    return Browser().get(f"/{permission}{query}", headers={"Authorization": f"{scheme} {token}"})


def resign(token: str, *, typ: str = "at+jwt", **changes: Any) -> str:
    claims = {name: value for name, value in (signing.claimed(token)[1] | changes).items() if value is not None}
    return signing.sign(claims, alg="ES256", typ=typ)


def test_every_permission_class_is_in_this_table() -> None:
    exported = {kind for name in drf.__all__ if inspect.isclass(kind := getattr(drf, name))}
    assert {kind for kind in exported if issubclass(kind, BasePermission)} == set(PERMISSIONS)


@EVERY
def test_whoever_holds_it_enters(holder: Any, permission: str) -> None:
    response = call(holder(permission), permission)
    assert response.status_code == 200, response.content
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


# ── the token itself ────────────────────────────────────────────────────────────────────────────────────────


def at(seconds: int) -> int:
    return int((timezone.now() + timedelta(seconds=seconds)).timestamp())


def _by_a_client_secret(token: str) -> str:
    kid = jwt.get_unverified_header(token)["kid"]
    claims = signing.claimed(token)[1]
    del claims["exp"]
    secret = "s" * 64
    return jwt.encode(claims, secret, algorithm="HS256", headers={"typ": "at+jwt", "kid": kid})


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def _changed_payload(token: str) -> str:
    head, _, signature = token.split(".")
    claims = signing.claimed(token)[1] | {"scope": "everything"}
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


HOSTILE: dict[str, Callable[[str], str]] = {
    "RS2-of-another-resource": lambda token: resign(token, aud="https://other.example"),
    "RS2-without-audience": lambda token: resign(token, aud=None),
    "RS3-C49-id-token": lambda token: resign(token, typ="JWT"),
    "RS3-C49-registration-token": lambda _: "op_ra_" + "A" * 49,
    "RS3-other-issuer": lambda token: resign(token, iss="https://evil.example"),
    "RS3-without-exp": lambda token: resign(token, exp=None),
    "RS7-C53-bound-to-a-key": lambda token: resign(token, cnf={"jkt": "x" * 43}),
    "RS7-C53-bound-to-a-certificate": lambda token: resign(token, cnf={"x5t#S256": "x" * 43}),
    "RS14-expired-90-s-ago": lambda token: resign(token, exp=at(-90)),
    "RS14-from-90-s-ahead": lambda token: resign(token, nbf=at(90)),
    "C50-signed-by-a-client": _by_a_client_secret,
    "C50-signed-by-nobody": _unsigned,
    "C51-payload-changed": _changed_payload,
    "C51-nonsense": lambda _: "eyJ.a.b",
    "C51-long": lambda _: "a" * 100_000,
}


@EVERY
def test_RS2_RS3_RS7_RS14_C49_C50_C51_C53_hostile_token_is_401(holder: Any, permission: str) -> None:
    app = holder(permission)
    for name, make in HOSTILE.items():
        response = call(app, permission, make(app.token))
        assert (name, response.status_code) == (name, 401)
        assert (name, response.json()["code"]) == (name, "invalid_token")
        challenge = response.headers["WWW-Authenticate"]
        scheme = "DPoP" if "bound-to-a-key" in name else "Bearer"
        assert challenge.startswith(f'{scheme} realm="api", error="invalid_token"'), (name, challenge)
        assert (name, response.headers["Cache-Control"]) == (name, "private, no-store")
    assert View.ran == []


@EVERY
def test_RS14_allowance_for_clocks_holds(holder: Any, permission: str) -> None:
    app = holder(permission)
    assert call(app, permission, resign(app.token, exp=at(-15))).status_code == 200


@EVERY
def test_RS1_C52_token_elsewhere_is_400_or_none(holder: Any, permission: str) -> None:
    app = holder(permission)
    assert Browser().get(f"/{permission}?access_token={app.token}").status_code == 400
    assert call(app, permission, query="?access_token=bob").status_code == 400
    in_body = Browser().post(f"/{permission}", f"access_token={app.token}", "application/x-www-form-urlencoded")
    assert in_body.status_code in {401, 403}
    both = Browser().post(
        f"/{permission}",
        "access_token=bob",
        "application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {app.token}"},
    )
    assert both.status_code == 400
    assert View.ran == []


@EVERY
def test_RS6_ended_grant_or_client_is_401(holder: Any, permission: str) -> None:
    app = holder(permission)
    Grant.objects.update(revoked_at=timezone.now())
    if permission != FOR_MACHINES:
        assert call(app, permission).json()["reason"] == "revoked"
    app = holder(permission)
    app.app.suspend()
    assert call(app, permission).status_code == 401


@EVERY
def test_RS6_inactive_person_is_401(holder: Any, permission: str, boss: Any) -> None:
    app = holder(permission)
    boss.is_active = False
    boss.save()
    assert call(app, permission).status_code == (200 if permission == FOR_MACHINES else 401)


@EVERY
def test_RS7_C53_token_that_is_bound_to_nothing_is_no_dpop_token(holder: Any, permission: str) -> None:
    response = call(holder(permission), permission, scheme="DPoP")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('DPoP realm="api"')


@EVERY
def test_RS11_token_is_in_no_answer(holder: Any, permission: str) -> None:
    app = holder(permission)
    for response in (call(app, permission), call(app, permission, resign(app.token, aud="https://other.example"))):
        assert app.token.rpartition(".")[2] not in response.content.decode()


@EVERY
def test_RS4_token_with_no_scope_of_it_is_403(client: Any, boss: Any, permission: str) -> None:
    response = call(as_app(client, user=boss, scopes="power"), permission)
    assert response.status_code == (200 if permission == "AllowAppsWithoutScope" else 403)
    assert (View.ran == []) is (response.status_code == 403)


# ── RS10: a superuser's token is nobody elsewhere ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("with_middleware", [False, True])
@pytest.mark.parametrize("address", ["/admin/", "/admin/auth/user/", "/account"])
def test_RS10_superusers_token_is_anonymous_at_the_admin_and_where_a_sign_in_is_asked(
    client: Any, boss: Any, settings: Any, address: str, with_middleware: bool
) -> None:
    if with_middleware:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "oauth_provider.middleware.AccessMiddleware"]
    response = as_app(client, user=boss, scopes="power read", profile="first_party").get(address)
    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]


def test_RS10_superusers_token_does_not_sign_in_for_the_next_request(client: Any, boss: Any) -> None:
    assert as_app(client, user=boss, scopes="read").get("/HasScope").status_code == 200
    assert client.get("/admin/").status_code == 302
    assert not client.cookies
