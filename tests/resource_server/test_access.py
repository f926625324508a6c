"""Access: what a view reads."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone

from oauth_provider.keys import signing
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.resource_server import own
from oauth_provider.scopes import Scope
from oauth_provider.testing import as_app
from tests.settings import OAUTH_PROVIDER

pytestmark = pytest.mark.django_db


@pytest.fixture
def access(make: Any) -> Any:
    return own.verify(make().token)


def test_access_tells_client_user_scopes_and_times(access: Any, ada: Any) -> None:
    assert access.user == ada
    assert access.client.name == "Test app"
    assert access.scopes == frozenset({"read"})
    assert access.audience == ("https://provider.example",)
    assert access.issuer == "https://provider.example"
    assert access.kind == "jwt"
    assert access.is_machine is False
    assert access.auth_time is None
    assert timedelta(minutes=59) < access.expires - timezone.now() <= timedelta(hours=1)
    assert access.issued_at.tzinfo is not None


def test_access_is_frozen(access: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        access.scopes = frozenset({"write"})


def test_has_scope_follows_implies_and_scopes_stay_as_granted(client: Any, ada: Any, settings: Any) -> None:
    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "SCOPES": {
            "all": Scope("all", "All", implies=("write",)),
            "write": Scope("write", "W", implies=("read",)),
            "read": "R",
        }
    }
    access = own.verify(as_app(client, user=ada, scopes="all").token)
    assert access.scopes == frozenset({"all"})
    assert access.scope == "all"
    assert access.has_scope("write")
    assert access.has_scope("read")
    assert not access.has_scope("other")


def test_asking_for_no_scope_is_never_valid(access: Any) -> None:
    assert access.allow_scopes(["read"])
    assert not access.allow_scopes(["read", "write"])
    assert not access.allow_scopes([])
    assert access.is_valid(["read"])
    assert not access.is_valid([])


def test_expired_access_is_not_valid(access: Any) -> None:
    late = dataclasses.replace(access, expires=timezone.now() - timedelta(minutes=2))
    assert late.is_expired()
    assert not late.is_valid(["read"])
    within_skew = dataclasses.replace(access, expires=timezone.now() - timedelta(seconds=5))
    assert not within_skew.is_expired()


@pytest.mark.parametrize("check_state", [True, False])
@pytest.mark.parametrize(("claimed", "told"), [(["pwd", "otp"], ("pwd", "otp")), (["pwd", 5], ("pwd",)), ("pwd", ())])
def test_how_the_person_signed_in_is_what_the_token_says(
    client: Any, ada: Any, check_state: bool, claimed: Any, told: Any
) -> None:
    claims = jwt.decode(as_app(client, user=ada).token, options={"verify_signature": False})
    value = signing.sign({**claims, "acr": "urn:gold", "amr": claimed}, alg=ACCESS_TOKEN_ALG, typ="at+jwt")
    access = own.verify(value, check_state=check_state)
    assert (access.acr, access.amr) == ("urn:gold", told)
