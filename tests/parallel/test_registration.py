"""Registrations at once: one change wins, one use is one registration, the bound holds, a repeated request is one."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from oauth_provider.clients import initial_access
from oauth_provider.models import AuditEvent, Client, Grant, InitialAccessToken
from tests.flow import Flow, field_of, post_form
from tests.parallel.rig import at_once, browser, statuses
from tests.register import WEB, client_of, get, path_of

pytestmark = pytest.mark.django_db(transaction=True)

MINUTES = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _open(database, settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "DYNAMIC_REGISTRATION": "open",
        "REGISTRATION_SCOPES": ["openid", "read"],
        "REGISTRATIONS_PER_HOUR": 10_000,
    }


def register(token: str | None = None, **headers):
    authorization = {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    body = json.dumps(WEB)
    return browser().post("/register", body, content_type="application/json", **authorization, **headers)


def change(answer, name: str):
    body = json.dumps({**WEB, "client_id": answer["client_id"], "client_name": name})
    authorization = f"Bearer {answer['registration_access_token']}"
    return browser().put(path_of(answer), body, content_type="application/json", HTTP_AUTHORIZATION=authorization)


def end(answer):
    return browser().delete(path_of(answer), HTTP_AUTHORIZATION=f"Bearer {answer['registration_access_token']}")


def test_C60_changes_at_once_have_one_winner_and_its_token_is_the_one_that_works(database):
    answer = register().json()
    responses = at_once([partial(change, answer, f"Name {number}") for number in range(4)])
    assert statuses(responses) == [200, 401, 401, 401]
    (won,) = [response.json() for response in responses if response.status_code == 200]
    assert get(answer).status_code == 401
    assert get(won).json()["client_name"] == won["client_name"]


def test_C60_a_change_and_an_end_at_once_have_one_winner(database):
    answer = register().json()
    responses = at_once([partial(change, answer, "Name"), partial(end, answer)])
    assert statuses(responses) in ([200, 401], [204, 401])
    assert Client.objects.count() == (1 if 200 in statuses(responses) else 0)


def test_ends_at_once_have_one_winner(database):
    answer = register().json()
    assert statuses(at_once([partial(end, answer)] * 4)) == [204, 401, 401, 401]


def test_last_use_of_a_token_is_one_registration(database):
    token = initial_access.make(note="Acme", expires_at=timezone.now() + MINUTES)[1]
    assert statuses(at_once([partial(register, token)] * 6)) == [201, 401, 401, 401, 401, 401]
    assert (Client.objects.count(), InitialAccessToken.objects.get().uses_left) == (1, 0)


@pytest.mark.parametrize("uses", [None, 1, 9])
def test_R19_same_request_at_once_is_one_client_and_one_answer(database, uses):
    token = uses and initial_access.make(note="Acme", expires_at=timezone.now() + MINUTES, uses=uses)[1]
    key = str(uuid.uuid4())
    responses = at_once([partial(register, token, HTTP_IDEMPOTENCY_KEY=key)] * 6)
    assert statuses(responses) == [201] * 6
    assert len({response.content for response in responses}) == 1
    assert Client.objects.count() == 1
    assert uses is None or InitialAccessToken.objects.get().uses_left == uses - 1


def test_registrations_at_once_stay_near_the_bound_and_the_next_is_on_it(database, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "UNCONFIRMED_CLIENTS": 3}
    for _ in range(3):
        assert statuses(at_once([register] * 4)) == [201] * 4
        # Two that begin at one moment do not see each other yet.
        assert Client.objects.count() <= 3 + 3
    register()
    assert Client.objects.count() == 3


def test_person_allows_a_client_while_its_place_is_taken(database, settings, keys, alice):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "UNCONFIRMED_CLIENTS": 1}
    for _ in range(4):
        client = client_of(register().json())
        person = Flow(browser())
        person.browser.force_login(get_user_model().objects.get())
        form = {"request": field_of(person.authorize(client), "request"), "decision": "allow"}
        allowed, made = at_once([partial(post_form, person.browser, "/authorize/decision", form), register])
        assert made.status_code == 201
        assert allowed.status_code in {303, 400}
        # Either it was allowed and stays, or it went with nothing left behind.
        stays = Client.objects.filter(pk=client.row.pk, unconfirmed_until=None).exists()
        assert stays is (allowed.status_code == 303)
        assert Grant.objects.filter(client_id=client.row.pk).exists() is stays
        assert AuditEvent.objects.filter(event="client_confirmed", client_id=client.client_id).exists() is stays
