"""An app where Alice is signed in, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from oauth_provider.models import LogoutDelivery, Session
from tests.flow import Registered, claims_of, refresh, userinfo

ALIVE = "signed in"
OVER = "signed out and told"
TOLD = "told, its tokens live"


@dataclass(frozen=True)
class SignIn:
    """What one app got."""

    client: Registered
    tokens: dict[str, Any]

    @property
    def sid(self) -> str:
        return str(claims_of(self.tokens["id_token"])["sid"])

    @property
    def now(self) -> str:
        """What became of it: the session, the message to the client, and its tokens, must say the same."""
        is_open = Session.objects.open().filter(client=self.client.row, sid=self.sid).exists()
        told = LogoutDelivery.objects.filter(client=self.client.row, sid=self.sid).count()
        access = userinfo(self.tokens["access_token"]).status_code == 200
        refreshed = refresh(self.client, self.tokens["refresh_token"])
        words = {
            (True, 0, True, 200): ALIVE,
            (False, 1, False, 400): OVER,
            (False, 1, True, 200): TOLD,
        }
        found = (is_open, told, access, refreshed.status_code)
        return words.get(found, f"open={found[0]} told={found[1]} access={found[2]} refresh={found[3]}")


@pytest.fixture
def told_client(conf_client) -> Registered:
    """A client that is told of sign-outs at its server."""
    conf_client.row.change(backchannel_logout_uri="https://c.example/logout")
    return conf_client


@pytest.fixture
def sign_in(flow, told_client) -> Callable[..., SignIn]:
    """Alice signs in to the app."""

    def walk(client: Registered = told_client, scope: str = "openid read") -> SignIn:
        return SignIn(client, flow.tokens(client, scope=scope))

    return walk


@pytest.fixture
def policy(settings) -> Callable[..., None]:
    """The site chooses what ends when."""

    def choose(**words: str) -> None:
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SESSION_POLICY": words}

    return choose
