"""R13, R14: signing out while a code is redeemed or a refresh runs leaves nothing alive that nobody was told of."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from oauth_provider.models import Grant, LogoutDelivery, Session
from oauth_provider.sessions import backchannel
from tests.flow import claims_of, refresh, userinfo
from tests.parallel.rig import at_once, browser, post
from tests.sessions.told import receiver

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


@pytest.fixture
def told(client):
    """An app that is told of sign-outs, and may ask to stay."""
    client.row.change(
        backchannel_logout_uri="https://c.example/logout",
        allowed_scopes=["openid", "read", "write", "offline_access"],
    )
    return client


def _sign_out(flow):
    tab = browser()
    tab.cookies = flow.browser.cookies
    return tab.post("/signed-out")


def _new_password(alice):
    person = get_user_model().objects.get(pk=alice.pk)
    person.set_password("another-password")
    person.save()


def _is_dead(client, tokens) -> bool:
    refused = refresh(client, tokens["refresh_token"]).status_code == 400
    return refused and userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("ends", ["signed_out", "password_changed"])
def test_r14_code_that_is_redeemed_while_the_person_signs_out(database, flow, told, alice, ends):
    for _ in range(ROUNDS):
        alice.refresh_from_db()
        flow.browser.force_login(alice)
        code = flow.code(told, scope="openid read")
        end = partial(_sign_out, flow) if ends == "signed_out" else partial(_new_password, alice)
        answer, _ended = at_once([partial(flow.redeem, told, code), end])
        assert answer.status_code in {200, 400}
        if answer.status_code == 200:
            assert _is_dead(told, answer.json())
        assert not Grant.objects.filter(revoked_at=None).exists()
        assert not Session.objects.open().exists()
        assert LogoutDelivery.objects.count() == Session.objects.count()


def test_r13_app_that_learns_of_the_session_at_the_last_moment_is_told_of_its_end(database, flow, told, alice):
    for _ in range(ROUNDS):
        flow.browser.force_login(alice)
        code = flow.code(told, scope="openid read offline_access")
        answer, _ended = at_once([partial(flow.redeem, told, code), partial(_sign_out, flow)])
        if answer.status_code == 200:
            sid = claims_of(answer.json()["id_token"])["sid"]
            assert LogoutDelivery.objects.filter(sid=sid).count() == 1
        assert not Session.objects.open().exists()


def test_r14_refresh_that_runs_while_the_person_signs_out(database, flow, told, alice):
    for _ in range(ROUNDS):
        flow.browser.force_login(alice)
        tokens = flow.tokens(told, scope="openid read")
        asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
                 "client_id": told.client_id, "client_secret": told.secret}  # fmt: skip
        *answers, _one, _two = at_once([partial(post, "/token", asked)] * 3 + [partial(_sign_out, flow)] * 2)
        assert {answer.status_code for answer in answers} <= {200, 400}
        assert all(_is_dead(told, answer.json()) for answer in answers if answer.status_code == 200)
        assert _is_dead(told, tokens)
    # Two clicks at once tell once.
    assert LogoutDelivery.objects.count() == ROUNDS


def test_r13_workers_that_come_at_once_tell_each_app_once(database, told, internet):
    told_at = receiver(internet)
    before = timezone.now() - timedelta(seconds=1)
    for number in range(ROUNDS):
        LogoutDelivery.objects.create(client=told.row, sid=f"s{number}", sub="u_1", next_try_at=before)
    reports = at_once([backchannel.deliver_due] * 4)
    assert sum(report.delivered for report in reports) == ROUNDS
    assert len({claims_of(token)["sid"] for token in told_at.tokens}) == len(told_at.tokens) == ROUNDS
