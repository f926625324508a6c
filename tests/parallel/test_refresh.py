"""R3: parallel use and lost answers never lose a session; a theft is still found."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from oauth_provider.models import AccessToken, Grant, RefreshToken
from tests.flow import refresh, userinfo
from tests.parallel.rig import at_once, post, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def _asked(client, refresh_token):
    return {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client.client_id,
        "client_secret": client.secret,
    }


def _age_rotation(seconds: int) -> None:
    rotated_at = timezone.now() - timedelta(seconds=seconds)
    RefreshToken.objects.exclude(rotated_at=None).update(rotated_at=rotated_at)


def _nothing_lives(client, *answers) -> None:
    for tokens in answers:
        assert userinfo(tokens["access_token"]).status_code == 401
        assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_r3_parallel_use_of_one_token_is_one_successor_and_the_session_survives(database, flow, client):
    tokens = flow.tokens(client, scope="openid read")
    for generation in range(1, 6):
        responses = at_once([partial(post, "/token", _asked(client, tokens["refresh_token"]))] * 8)
        assert statuses(responses) == [200] * 8
        assert len({r.json()["refresh_token"] for r in responses}) == 1
        assert RefreshToken.objects.count() == generation + 1
        assert {userinfo(r.json()["access_token"]).status_code for r in responses} == {200}
        tokens = responses[0].json()
    assert Grant.objects.get().revoked_at is None


@pytest.mark.parametrize("seconds", [0, 5, 25])
def test_r3_lost_answer_is_answered_again_inside_the_leeway(database, flow, client, seconds):
    first = flow.tokens(client)
    lost = refresh(client, first["refresh_token"]).json()
    _age_rotation(seconds)
    again = refresh(client, first["refresh_token"])
    assert again.status_code == 200
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert refresh(client, lost["refresh_token"]).status_code == 200


def test_r3_replay_after_the_leeway_ends_the_family(database, flow, client):
    first = flow.tokens(client)
    second = refresh(client, first["refresh_token"]).json()
    _age_rotation(60)
    assert refresh(client, first["refresh_token"]).json()["error"] == "invalid_grant"
    _nothing_lives(client, first, second)


def test_r3_parallel_replays_after_the_leeway_are_refused_and_leave_nothing(database, flow, client):
    first = flow.tokens(client)
    second = refresh(client, first["refresh_token"]).json()
    _age_rotation(60)
    responses = at_once([partial(post, "/token", _asked(client, first["refresh_token"]))] * 8)
    assert statuses(responses) == [400] * 8
    assert RefreshToken.objects.count() == 2
    _nothing_lives(client, first, second)


def test_r3_replay_beside_the_use_of_the_successor_is_answered_before_it_or_ends_everything(database, flow, client):
    for _ in range(10):
        first = flow.tokens(client)
        second = refresh(client, first["refresh_token"]).json()
        used, replayed = at_once(
            [
                partial(post, "/token", _asked(client, second["refresh_token"])),
                partial(post, "/token", _asked(client, first["refresh_token"])),
            ]
        )
        assert used.status_code == 200
        if replayed.status_code == 200:
            # It came first: the same successor, and the session goes on.
            assert replayed.json()["refresh_token"] == second["refresh_token"]
            assert refresh(client, used.json()["refresh_token"]).status_code == 200
        else:
            assert replayed.json()["error"] == "invalid_grant"
            _nothing_lives(client, first, second, used.json())


def test_r3_refresh_beside_revocation_leaves_nothing_alive(database, flow, client):
    for _ in range(6):
        tokens = flow.tokens(client)
        revocation = {
            "token": tokens["refresh_token"],
            "client_id": client.client_id,
            "client_secret": client.secret,
        }
        responses = at_once(
            [partial(post, "/token", _asked(client, tokens["refresh_token"]))] * 4
            + [partial(post, "/revoke", revocation)] * 2
        )
        assert {r.status_code for r in responses[4:]} == {200}
        assert {r.status_code for r in responses[:4]} <= {200, 400}
        _nothing_lives(client, tokens, *(r.json() for r in responses[:4] if r.status_code == 200))


def test_r3_no_token_of_a_refused_refresh_is_left_behind(database, flow, client):
    tokens = flow.tokens(client)
    refresh(client, tokens["refresh_token"])
    before = AccessToken.objects.count()
    _age_rotation(60)
    at_once([partial(post, "/token", _asked(client, tokens["refresh_token"]))] * 8)
    assert AccessToken.objects.count() == before
