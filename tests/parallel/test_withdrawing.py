"""R14: what a person takes back while it is being used leaves nothing alive; two tabs send one mail."""

from __future__ import annotations

import html
import re
from functools import partial

import pytest
from django.core import mail

from oauth_provider.models import Client, Consent, Grant
from tests.flow import Registered, field_of, post_form, query_of, refresh, userinfo
from tests.parallel.rig import at_once, browser, post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["jwt", "opaque"])
def app(keys, request) -> Registered:
    """An app people are asked about, and whose answer is remembered."""
    row, secret = Client.objects.register(
        name="Notes for Web",
        profile="web",
        redirect_uris=["https://c.example/cb"],
        scopes=["openid", "read", "write"],
        default_scopes=["read"],
        settings={"token_format": request.param},
    )
    return Registered(row, secret)


def _tab(flow):
    tab = browser()
    tab.cookies = flow.browser.cookies
    return tab


def _press(flow, path: str, **button: str):
    return post_form(_tab(flow), path, button)


def _refreshing(client, tokens):
    return {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": client.client_id,
        "client_secret": client.secret,
    }


def _dead(client, tokens) -> None:
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_r14_app_that_ends_while_it_refreshes_has_nothing_left(database, flow, app):
    for _ in range(5):
        tokens = flow.tokens(app, scope="openid read")
        answers = at_once(
            [partial(post, "/token", _refreshing(app, tokens))] * 4
            + [partial(_press, flow, f"/connected-apps/{app.row.pk}/end")] * 2
        )
        assert {answer.status_code for answer in answers[4:]} == {303}
        for answer in answers[:4]:
            assert answer.status_code in {200, 400}
            if answer.status_code == 200:
                _dead(app, answer.json())
        _dead(app, tokens)


def test_r14_app_that_ends_while_it_signs_in_silently_has_nothing_left(database, flow, app):
    for _ in range(5):
        flow.tokens(app, scope="openid read")

        def silently():
            walk = type(flow)(_tab(flow))
            answer = walk.authorize(app, scope="openid read")
            return (walk, query_of(answer["Location"]).get("code")) if answer.status_code == 303 else (walk, None)

        *walks, ended = at_once([silently] * 4 + [partial(_press, flow, f"/connected-apps/{app.row.pk}/end")])
        assert ended.status_code == 303
        for walk, code in walks:
            if code is not None:
                assert walk.redeem(app, code).json()["error"] == "invalid_grant"
        assert not Grant.objects.filter(revoked_at=None).exists()


def test_r14_permission_taken_away_while_the_app_refreshes_is_in_no_token(database, flow, app):
    for _ in range(5):
        tokens = flow.tokens(app, scope="openid read write")
        *answers, pressed = at_once(
            [partial(post, "/token", _refreshing(app, tokens))] * 4
            + [partial(_press, flow, f"/connected-apps/{app.row.pk}", scope="write")]
        )
        assert pressed.status_code == 303
        assert {answer.status_code for answer in answers} == {200}
        assert Grant.objects.latest("created_at").scopes == ["openid", "read"]
        assert Consent.objects.get().scopes == ["openid", "read"]
        renewed = refresh(app, answers[0].json()["refresh_token"]).json()
        assert renewed["scope"] == "openid read"
        for answer in answers:
            assert userinfo(answer.json()["access_token"]).status_code == 200
            assert _scopes_at(app, answer.json()) == {"openid", "read"}


def _scopes_at(app, tokens) -> set[str]:
    from oauth_provider.resource_server import own

    return set(own.verify(tokens["access_token"]).scopes)


def test_r14_device_that_is_ended_while_it_refreshes_has_nothing_left(database, flow, app):
    for _ in range(5):
        tokens = flow.tokens(app, scope="openid read")
        place = str(Grant.objects.get(revoked_at=None).pk)
        *answers, pressed = at_once(
            [partial(post, "/token", _refreshing(app, tokens))] * 4
            + [partial(_press, flow, f"/connected-apps/{app.row.pk}", place=place)]
        )
        assert pressed.status_code == 303
        for answer in answers:
            if answer.status_code == 200:
                _dead(app, answer.json())
        _dead(app, tokens)


def test_r14_everything_signed_out_while_an_app_refreshes_has_nothing_left(database, flow, app):
    tokens = flow.tokens(app, scope="openid read")
    *answers, pressed = at_once(
        [partial(post, "/token", _refreshing(app, tokens))] * 4
        + [partial(_press, flow, "/connected-apps/sign-out-everywhere", password="alice-password")]
    )
    assert pressed.status_code == 303
    for answer in answers:
        if answer.status_code == 200:
            _dead(app, answer.json())
    _dead(app, tokens)


@pytest.mark.parametrize("is_first", [True, False])
def test_tabs_that_allow_different_things_at_once_are_all_right(database, flow, app, is_first):
    """What each tab allowed is in the one consent, so that each code is redeemed."""
    if not is_first:
        flow.tokens(app, scope="openid")
    walks = [type(flow)(_tab(flow)) for _ in range(4)]
    pages = [walk.authorize(app, scope=scope) for walk, scope in zip(walks, ["read", "write"] * 2, strict=True)]

    def allow(walk, page):
        answer = post_form(walk.browser, "/authorize/decision", {"request": field_of(page, "request"),
                                                                 "decision": "allow"})  # fmt: skip
        return walk.browser.get(answer["Location"])

    answers = at_once([partial(allow, walk, page) for walk, page in zip(walks, pages, strict=True)])
    for walk, answer in zip(walks, answers, strict=True):
        location = re.search(r'content="0;\s*url=([^"]+)"', answer.content.decode())[1]
        assert walk.redeem(app, query_of(html.unescape(location))["code"]).status_code == 200
    assert {"read", "write"} <= set(Consent.objects.get().scopes)


def test_two_tabs_that_allow_at_once_send_one_mail(database, flow, app):
    pages = [flow.authorize(app) for _ in range(4)]
    mail.outbox = []

    def allow(page):
        return _press(flow, "/authorize/decision", request=field_of(page, "request"), decision="allow")

    answers = at_once([partial(allow, page) for page in pages])
    assert {answer.status_code for answer in answers} == {303}
    assert Grant.objects.count() == 4
    assert len(mail.outbox) == 1
