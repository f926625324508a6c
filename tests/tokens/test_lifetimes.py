"""How long tokens live: per client, by idleness, and at the latest with the grant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.models import AccessToken, Client, Grant, RefreshToken
from tests.flow import Registered, machine_token, refresh, userinfo

pytestmark = pytest.mark.django_db

DAY = 86400


def _set(client, **columns):
    Client.objects.filter(pk=client.row.pk).update(**columns)


def test_access_token_lives_an_hour(machine):
    assert machine_token(machine).json()["expires_in"] == 3600


@pytest.mark.parametrize("profile", ["spa", "mcp"])
def test_access_token_of_a_browser_app_lives_ten_minutes(flow, profile):
    row, secret = Client.objects.register(
        name="App", profile=profile, redirect_uris=["https://app.example/cb"], scopes=["read"]
    )
    assert flow.tokens(Registered(row, secret))["expires_in"] == 600


def test_access_token_lives_as_long_as_its_client_says(machine):
    _set(machine, access_token_lifetime=120)
    assert machine_token(machine).json()["expires_in"] == 120


def test_expired_opaque_token_is_refused(flow, conf_client):
    conf_client.row.token_format = "opaque"
    conf_client.row.save(update_fields=["token_format"])
    tokens = flow.tokens(conf_client, scope="openid read")
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert userinfo(tokens["access_token"]).status_code == 401


def _ends(moment, seconds):
    assert abs((moment - timezone.now()).total_seconds() - seconds) < 60


def test_refresh_token_ends_after_fourteen_idle_days_and_the_grant_after_ninety(flow, conf_client):
    flow.tokens(conf_client)
    _ends(RefreshToken.objects.get().expires_at, 14 * DAY)
    _ends(Grant.objects.get().expires_at, 90 * DAY)


def test_grant_of_a_browser_app_ends_after_a_day(flow):
    row, secret = Client.objects.register(
        name="App", profile="spa", redirect_uris=["https://app.example/cb"], scopes=["read"]
    )
    flow.tokens(Registered(row, secret))
    _ends(Grant.objects.get().expires_at, DAY)
    _ends(RefreshToken.objects.get().expires_at, DAY)


def test_lifetimes_of_the_client_win(flow, conf_client):
    _set(conf_client, refresh_token_idle_lifetime=3 * DAY, refresh_token_absolute_lifetime=10 * DAY)
    flow.tokens(conf_client)
    _ends(RefreshToken.objects.get().expires_at, 3 * DAY)
    _ends(Grant.objects.get().expires_at, 10 * DAY)


def test_idle_refresh_token_is_refused(flow, conf_client):
    tokens = flow.tokens(conf_client)
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_each_use_starts_the_idle_time_again_but_not_the_absolute_one(flow, conf_client):
    tokens = flow.tokens(conf_client)
    soon = timezone.now() + timedelta(days=2)
    Grant.objects.update(expires_at=soon)
    refresh(conf_client, tokens["refresh_token"])
    assert RefreshToken.objects.get(rotated_at=None).expires_at == soon
    assert Grant.objects.get().expires_at == soon


def test_grant_that_has_ended_refreshes_nothing_however_fresh_the_token(flow, conf_client):
    tokens = flow.tokens(conf_client)
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert RefreshToken.objects.get().rotated_at is None


def test_leeway_of_zero_takes_each_repetition_for_a_theft(flow, conf_client):
    _set(conf_client, refresh_token_leeway=0)
    tokens = flow.tokens(conf_client)
    after = refresh(conf_client, tokens["refresh_token"]).json()
    assert refresh(conf_client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(conf_client, after["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_access_token_does_not_outlive_its_grant(flow, conf_client, token_format):
    _set(conf_client, token_format=token_format)
    first = flow.tokens(conf_client)
    Grant.objects.update(expires_at=timezone.now() + timedelta(seconds=100))
    assert 90 <= refresh(conf_client, first["refresh_token"]).json()["expires_in"] <= 100
