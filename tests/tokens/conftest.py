"""Each test once with JWTs and once with opaque access tokens, where it asks for `app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Browser

from tests.flow import Registered, post_form, refresh, userinfo


@pytest.fixture(params=["jwt", "opaque"])
def token_format(request) -> str:
    return request.param


@pytest.fixture
def app(conf_client, token_format) -> Registered:
    conf_client.row.token_format = token_format
    conf_client.row.save(update_fields=["token_format"])
    return conf_client


@pytest.fixture
def machine(machine_client, token_format) -> Registered:
    machine_client.row.token_format = token_format
    machine_client.row.save(update_fields=["token_format"])
    return machine_client


@dataclass(frozen=True)
class Paths:
    """The ways a token is used; what each says of it."""

    app: Registered
    server: Registered
    tokens: dict[str, Any]

    def introspect(self) -> bool:
        form = {"token": self.tokens["access_token"]}
        response = post_form(Browser(), "/introspect", form, HTTP_AUTHORIZATION=self.server.basic)
        assert response.status_code == 200
        return response.json()["active"]

    def call(self) -> bool:
        status = userinfo(self.tokens["access_token"]).status_code
        assert status in {200, 401}
        return status == 200

    def refresh(self) -> bool:
        response = refresh(self.app, self.tokens["refresh_token"])
        assert response.status_code in {200, 400, 401}
        return response.status_code == 200

    def alive(self) -> dict[str, bool]:
        return {"call": self.call(), "introspection": self.introspect(), "refresh": self.refresh()}


ALL = {"call": True, "introspection": True, "refresh": True}
NONE = dict.fromkeys(ALL, False)


@pytest.fixture
def signed_in(flow, app, resource_server) -> Callable[..., Paths]:
    def start(**changes: Any) -> Paths:
        return Paths(app, resource_server, flow.tokens(app, scope="openid read write", **changes))

    return start
