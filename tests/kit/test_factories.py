"""The factories: rows as the provider makes them, usable over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from oauth_provider.models import AccessToken, RefreshToken
from oauth_provider.testing.factories import (
    AccessTokenFactory,
    ClientFactory,
    ClientSecretFactory,
    DeviceCodeFactory,
    GrantFactory,
    RefreshTokenFactory,
    UserFactory,
)
from tests.flow import Registered, machine_token, post_form, refresh, userinfo

pytestmark = pytest.mark.django_db


def test_secret_authenticates_its_client() -> None:
    client = ClientFactory(profile="machine", default_scopes=["read"])
    second = ClientSecretFactory(client=client)
    for value in (client.secret, second.value):
        assert machine_token(Registered(client, value)).status_code == 200
    assert ClientSecretFactory().value.startswith("op_cs_")


def test_access_token_opens_what_its_grant_allows() -> None:
    token = AccessTokenFactory(grant=GrantFactory(client=ClientFactory(scopes=["openid"])))
    assert userinfo(token.value).json() == {"sub": token.grant.subject}
    assert AccessToken.objects.get().user == token.grant.user


def test_refresh_token_is_rotated() -> None:
    client = ClientFactory()
    token = RefreshTokenFactory(grant=GrantFactory(client=client))
    answer = refresh(Registered(client, client.secret), token.value)
    assert answer.status_code == 200, answer.content
    assert RefreshToken.objects.count() == 2


def test_device_code_waits_for_a_person(client: Any) -> None:
    code = DeviceCodeFactory()
    polled = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": code.value,
        "client_id": code.client.client_id,
    }
    assert post_form(Browser(), "/token", polled).json()["error"] == "authorization_pending"
    client.force_login(UserFactory())
    page = client.post("/device", {"user_code": code.user_code})
    assert code.client.name in page.content.decode()
    assert DeviceCodeFactory().user_code != code.user_code
