"""R1, R2: a code is worth one answer, whatever the parallelism, and a replay leaves nothing alive."""

from __future__ import annotations

import time
from functools import partial

import pytest

from oauth_provider.models import AccessToken, AuditEvent, AuthorizationCode, Grant, RefreshToken
from oauth_provider.values import Event
from tests.flow import refresh, userinfo
from tests.parallel.rig import at_once, post, statuses

pytestmark = pytest.mark.django_db(transaction=True)

CODES = 8
PARALLEL = 16


def _code(flow, client) -> dict[str, str]:
    """What has to be posted to /token to redeem a new code."""
    code = flow.code(client, scope="openid read")
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.row.redirect_uris[0],
        "code_verifier": flow.verifier,
        "client_id": client.client_id,
        "client_secret": client.secret,
    }


def test_r1_one_code_one_winner(database, flow, client):
    winners = []
    for _ in range(CODES):
        asked = _code(flow, client)
        responses = at_once([partial(post, "/token", asked)] * PARALLEL)
        assert statuses(responses) == [200] + [400] * (PARALLEL - 1)
        assert {r.json()["error"] for r in responses if r.status_code == 400} == {"invalid_grant"}
        winners += [r.json() for r in responses if r.status_code == 200]
    assert len(winners) == CODES
    # Not an orphan anywhere: one refresh token, one access token and one event for each code that was spent.
    assert RefreshToken.objects.count() == AccessToken.objects.count() == CODES
    assert AuditEvent.objects.filter(event=Event.TOKEN_ISSUED).count() == CODES
    assert AuthorizationCode.objects.filter(consumed_at=None).count() == 0
    # R2: fifteen replays came beside each first use, so nothing of it is alive.
    assert {userinfo(tokens["access_token"]).status_code for tokens in winners} == {401}
    assert Grant.objects.filter(revoked_at=None).count() == 0


@pytest.mark.parametrize("offset", [0, 0.002, 0.005, 0.01, 0.02, 0.05])
def test_r2_replay_beside_the_first_use_leaves_nothing_alive(database, flow, client, offset):
    def replay(asked):
        time.sleep(offset)
        return post("/token", asked)

    for _ in range(3):
        asked = _code(flow, client)
        responses = at_once([partial(post, "/token", asked), partial(replay, asked)])
        assert statuses(responses) == [200, 400]
        tokens = next(r.json() for r in responses if r.status_code == 200)
        assert userinfo(tokens["access_token"]).status_code == 401
        assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_r1_wrong_verifiers_beside_the_right_one_spend_nothing(database, flow, client):
    for _ in range(4):
        asked = _code(flow, client)
        wrong = {**asked, "code_verifier": "w" * 43}
        responses = at_once([partial(post, "/token", wrong)] * 7 + [partial(post, "/token", asked)])
        assert statuses(responses).count(200) <= 1
        assert all(status in {200, 400} for status in statuses(responses))
        assert responses[-1].status_code == 200
