"""Callers of the management API: machines and people, each with a real token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser

from oauth_provider.api import scopes
from oauth_provider.models import Client
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from tests.flow import Registered, machine_token

SCOPES = tuple(scope.name for scope in vars(scopes).values() if isinstance(scope, Scope))
BASE = "/oauth/api/"


@dataclass(frozen=True)
class Api:
    """A caller: every method answers with Django's response."""

    token: str
    row: Client | None = None
    browser: Browser = field(default_factory=Browser)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        address = path if path.startswith("/") else BASE + path
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        sent = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.browser.generic(method, address, headers=sent, **content)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self("DELETE", path)


@pytest.fixture(autouse=True)
def _mounted(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"


@pytest.fixture
def machine(db: None) -> Any:
    """`machine("oauth:clients.read")`: a registered machine with a token of these scopes; without any, of all."""

    def make(*names: str, **wanted: Any) -> Api:
        names = names or SCOPES
        row, secret = Client.objects.register(name="Deployment", profile="machine", scopes=names, **wanted)
        answer = machine_token(Registered(row, secret), scope=" ".join(names))
        assert answer.status_code == 200, answer.content
        return Api(answer.json()["access_token"], row)

    return make


@pytest.fixture
def staff(db: None, django_user_model: Any) -> Any:
    """`staff("add_client")`: somebody who holds these permissions of ours and no other."""

    def make(*codenames: str) -> Any:
        user = django_user_model.objects.create_user(f"staff{django_user_model.objects.count()}", is_staff=True)
        held = Permission.objects.filter(content_type__app_label="oauth_provider", codename__in=codenames)
        assert {one.codename for one in held} == set(codenames)
        user.user_permissions.set(held)
        return user

    return make


@pytest.fixture
def person(db: None) -> Any:
    """`person(user, "oauth:clients.read")`: an app that acts for them with these scopes; without any, with all."""

    def make(user: Any, *names: str) -> Api:
        names = names or SCOPES
        row, _secret = Client.objects.register(
            name="Console", profile="web", redirect_uris=["https://console.example/cb"], scopes=names
        )
        return Api(as_app(Browser(), user=user, scopes=names, app=row).token, row)

    return make


@pytest.fixture
def web(db: None) -> Client:
    """A web client with one secret."""
    return Client.objects.register(
        name="Notes", profile="web", redirect_uris=["https://notes.example/cb"], scopes=["read", "write"]
    )[0]


def problem(response: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """The members of a problem (RFC 9457), which the response must be."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json", response.content
    assert response["Cache-Control"] == "no-store"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= body.keys()
    if code is not None:
        assert body["code"] == code, body
    return body
