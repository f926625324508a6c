"""R5: a site may run PostgreSQL at SERIALIZABLE; what it gives up there is tried again, and nobody sees a 5xx."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import pytest
from django.db import connection, connections, transaction
from django.test import Client as Browser

from oauth_provider.models import Consent, Grant
from oauth_provider.tokens import revoke
from tests.flow import field_of, refresh, userinfo
from tests.parallel.conftest import default_database
from tests.parallel.rig import at_once, browser, post

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def database(postgres):
    options = connections.settings["default"].get("OPTIONS", {})
    with default_database(OPTIONS={**options, "isolation_level": 4}):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("serializable",)
        yield


def _form(client, **more):
    return {"client_id": client.client_id, "client_secret": client.secret, **more}


def _refresh(client, tokens):
    form = _form(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    return partial(post, "/token", form)


def _revoke(client, value):
    return partial(post, "/revoke", _form(client, token=value))


def _read(value):
    return partial(lambda: browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {value}"))


def _no_5xx(responses):
    answers = [response.status_code for response in responses]
    assert max(answers) < 500, answers


def test_r5_parallel_refreshes_of_one_token_are_one_successor(database, flow, client):
    tokens = flow.tokens(client)
    for _ in range(3):
        responses = at_once([_refresh(client, tokens)] * 16)
        assert {r.status_code for r in responses} == {200}
        assert len({r.json()["refresh_token"] for r in responses}) == 1
        tokens = responses[0].json()
    assert refresh(client, tokens["refresh_token"]).status_code == 200


def test_r5_parallel_redemptions_of_one_code_have_one_winner(database, flow, client):
    form = _form(
        client,
        grant_type="authorization_code",
        code=flow.code(client),
        redirect_uri=client.row.redirect_uris[0],
        code_verifier=flow.verifier,
    )
    responses = at_once([partial(post, "/token", form)] * 16)
    assert sorted(r.status_code for r in responses) == [200] + [400] * 15
    assert Grant.objects.filter(revoked_at=None).count() == 0


def test_r5_refresh_revocation_reading_and_withdrawal_of_one_person_at_once(database, flow, client, alice):
    for _ in range(3):
        families = [flow.tokens(client) for _ in range(4)]
        jobs = []
        for tokens in families:
            jobs += [_refresh(client, tokens)] * 3
            jobs += [_revoke(client, tokens["refresh_token"]), _revoke(client, tokens["access_token"])]
            jobs += [_read(tokens["access_token"])] * 2
        _no_5xx(at_once(jobs))
        for tokens in families:
            assert userinfo(tokens["access_token"]).status_code == 401
            assert refresh(client, tokens["refresh_token"]).status_code == 400


def test_r5_end_of_all_grants_beside_refreshes(database, flow, client, alice):
    families = [flow.tokens(client) for _ in range(6)]
    ended = [partial(revoke.revoke_user, alice, reason="revoked_by_admin")] * 2
    responses = at_once([_refresh(client, tokens) for tokens in families] * 2 + ended)
    _no_5xx(responses[: -len(ended)])
    assert Grant.objects.filter(revoked_at=None).count() == 0


def test_r5_two_tabs_that_allow_at_once_are_two_answers(database, flow, client):
    client.row.first_party = False
    client.row.save(update_fields=["first_party"])
    pages = [flow.authorize(client, scope="openid read") for _ in range(6)]
    forms = [{"request": field_of(page, "request"), "decision": "allow"} for page in pages]

    def post_decision(form):
        tab = Browser(raise_request_exception=False)
        tab.cookies = flow.browser.cookies
        return tab.post("/authorize/decision", urlencode(form), content_type="application/x-www-form-urlencoded")

    responses = at_once([partial(post_decision, form) for form in forms])
    assert {r.status_code for r in responses} == {303}
    assert Consent.objects.count() == 1
    assert Grant.objects.count() == len(forms)
