"""R8: a key is published before it signs and stays published as long as a token it signed may live."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.keys import rotation, store
from oauth_provider.models import AuditEvent, Client, SigningKey
from oauth_provider.values import Event, KeyState
from tests.flow import machine_token, userinfo

pytestmark = pytest.mark.django_db


def _published() -> set[str]:
    return {key["kid"] for key in Browser().get("/jwks").json()["keys"] if key["alg"] == "ES256"}


def _kid(client) -> str:
    return jwt.get_unverified_header(machine_token(client).json()["access_token"])["kid"]


def _kid_of(state: KeyState) -> str:
    return SigningKey.objects.get(alg="ES256", state=state).kid


def _publish_long_ago() -> None:
    SigningKey.objects.filter(state=KeyState.NEXT).update(created_at=timezone.now() - timedelta(days=2))


def test_next_key_is_published_before_it_signs(machine_client):
    old = _kid(machine_client)
    rotation.rotate()
    following = _kid_of(KeyState.NEXT)
    assert _published() == {old, following}
    assert _kid(machine_client) == old


def test_next_key_does_not_sign_before_the_jwks_of_clients_are_renewed(machine_client):
    old = _kid(machine_client)
    for _ in range(3):
        rotation.rotate()
    assert _kid(machine_client) == old
    max_age = int(Browser().get("/jwks")["Cache-Control"].partition("max-age=")[2])
    assert timedelta(seconds=max_age) < timedelta(days=1)


def test_published_key_signs_and_the_old_one_stays_published(machine_client):
    old = _kid(machine_client)
    rotation.rotate()
    following = _kid_of(KeyState.NEXT)
    _publish_long_ago()
    rotation.rotate()
    assert _kid(machine_client) == following
    assert old in _published()


def test_token_signed_before_a_rotation_is_accepted_after_it(flow, conf_client):
    value = flow.tokens(conf_client, scope="openid read")["access_token"]
    rotation.rotate(now=True)
    assert userinfo(value).status_code == 200


def test_retired_key_stays_as_long_as_the_longest_lived_token(machine_client):
    Client.objects.filter(pk=machine_client.row.pk).update(access_token_lifetime=7200)
    _kid(machine_client)
    rotation.rotate(now=True)
    retired = SigningKey.objects.get(alg="ES256", state=KeyState.RETIRED)
    remaining = (retired.retire_at - timezone.now()).total_seconds()
    assert 7200 < remaining <= 7200 + 60


def test_retired_key_disappears_and_its_tokens_with_it(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid read")
    old = _kid_of(KeyState.ACTIVE)
    rotation.rotate(now=True)
    SigningKey.objects.filter(kid=old).update(retire_at=timezone.now() - timedelta(seconds=1))
    assert old not in _published()
    assert userinfo(tokens["access_token"]).status_code == 401


def test_if_due_waits_until_the_key_is_old(machine_client):
    old = _kid(machine_client)
    rotation.rotate(if_due=True)
    assert _published() == {old}
    SigningKey.objects.update(activated_at=timezone.now() - timedelta(days=90))
    rotation.rotate(if_due=True)
    assert len(_published()) == 2


def test_emergency_revocation_ends_the_key_and_everything_it_signed_at_once(flow, conf_client, machine_client):
    value = flow.tokens(conf_client, scope="openid read")["access_token"]
    old = _kid_of(KeyState.ACTIVE)
    rotation.revoke(old, actor="admin")
    assert userinfo(value).status_code == 401
    assert old not in _published()
    assert _kid(machine_client) != old
    event = AuditEvent.objects.get(event=Event.KEY_REVOKED)
    assert (event.actor, event.detail["kid"]) == ("admin", old)


def test_emergency_revocation_signs_with_the_published_next_key(machine_client):
    old = _kid(machine_client)
    rotation.rotate()
    following = _kid_of(KeyState.NEXT)
    rotation.revoke(old)
    assert _kid(machine_client) == following


def test_revoked_key_never_comes_back(machine_client):
    old = _kid(machine_client)
    rotation.revoke(old)
    for _ in range(3):
        rotation.rotate(now=True)
    assert old not in _published()


def test_each_algorithm_has_one_active_key_after_any_number_of_rotations(machine_client):
    for _ in range(3):
        rotation.rotate(now=True)
    active = SigningKey.objects.filter(state=KeyState.ACTIVE)
    assert sorted(active.values_list("alg", flat=True)) == ["ES256", "EdDSA", "PS256", "RS256"]
    assert {row.kid for row in store.usable_keys() if row.state == KeyState.ACTIVE} == set(
        active.values_list("kid", flat=True)
    )


def test_published_keys_have_no_private_parts(machine_client):
    _kid(machine_client)
    for key in Browser().get("/jwks").json()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
        assert key["use"] == "sig"
        assert key["kid"]
