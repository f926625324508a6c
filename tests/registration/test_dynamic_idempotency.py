"""R19: a registration whose answer was lost is sent again, and there is one client and one answer."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.models import Client, ClientSecret, InitialAccessToken
from tests.admin.test_client_registration import everything_stored
from tests.register import NATIVE, WEB, client_of, delete, get, post, put, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("document", [WEB, NATIVE])
def test_R19_same_request_gets_the_same_answer_and_one_client(key, document, flow):
    first = registered(document, HTTP_IDEMPOTENCY_KEY=key)
    assert registered(document, HTTP_IDEMPOTENCY_KEY=key) == first
    assert Client.objects.count() == 1
    assert get(first).status_code == 200
    assert flow.tokens(client_of(first))["access_token"]


def test_R19_neither_key_nor_credentials_are_stored(key):
    answer = registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    stored = everything_stored()
    assert answer["client_id"] in stored
    for value in (key, answer["client_secret"], answer["registration_access_token"]):
        assert value not in stored


def test_R19_key_quoted_as_its_draft_writes_it(key):
    first = registered(WEB, HTTP_IDEMPOTENCY_KEY=f'"{key}"')
    assert registered(WEB, HTTP_IDEMPOTENCY_KEY=f'"{key}"') == first


def test_R19_another_document_under_the_key_is_refused(key):
    first = registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    response = post({**WEB, "client_name": "Other"}, HTTP_IDEMPOTENCY_KEY=key)
    assert (response.status_code, response.json()["error"]) == (409, "invalid_request")
    assert first["client_id"] not in response.content.decode()
    assert Client.objects.count() == 1


def test_R19_another_key_and_another_caller_are_another_client(key):
    answers = [
        registered(WEB, HTTP_IDEMPOTENCY_KEY=key),
        registered(WEB, HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4())),
        registered(WEB, HTTP_IDEMPOTENCY_KEY=key, REMOTE_ADDR="192.0.2.7"),
        registered(WEB),
    ]
    for name in ("client_id", "client_secret", "registration_access_token"):
        assert len({answer[name] for answer in answers}) == 4


def test_R19_another_secret_key_gives_other_credentials(key, settings):
    first = registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    settings.SECRET_KEY = "another" * 10
    second = registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    assert first["client_id"] != second["client_id"]
    assert first["client_secret"] != second["client_secret"]


def test_R19_ten_minutes_later_it_is_refused(key):
    registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    Client.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert post(WEB, HTTP_IDEMPOTENCY_KEY=key).status_code == 409
    assert Client.objects.count() == 1


def test_R19_once_the_client_went_on_the_old_answer_is_not_given_again(key):
    first = registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
    put(first)
    assert post(WEB, HTTP_IDEMPOTENCY_KEY=key).status_code == 409


def test_R19_suspended_client_is_not_told_its_secret_again(key):
    client_of(registered(WEB, HTTP_IDEMPOTENCY_KEY=key)).row.suspend()
    assert post(WEB, HTTP_IDEMPOTENCY_KEY=key).status_code == 409


def test_R19_ended_registration_of_somebody_confirmed_does_not_come_back(key, initial_access_token):
    first = registered(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY=key)
    assert delete(first).status_code == 204
    assert post(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY=key).status_code == 409
    assert get(first).status_code == 401


def test_R19_a_lost_answer_costs_one_use_of_the_token_and_works_with_its_last(key, initial_access_token):
    InitialAccessToken.objects.update(uses_left=1)
    first = registered(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY=key)
    assert registered(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY=key) == first
    assert InitialAccessToken.objects.get().uses_left == 0
    assert post(WEB, initial_access_token, HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4())).status_code == 401


@pytest.mark.parametrize("key", ["", "1", "x" * 21, "x" * 256, "a key with spaces in it is none", "ü" * 30])
def test_R19_key_that_can_be_guessed_or_read_wrongly_is_refused(key):
    response = post(WEB, HTTP_IDEMPOTENCY_KEY=key)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert (Client.objects.count(), ClientSecret.objects.count()) == (0, 0)


def test_R19_refused_document_leaves_the_key_free(key):
    assert post({**WEB, "contacts": "x"}, HTTP_IDEMPOTENCY_KEY=key).status_code == 400
    registered(WEB, HTTP_IDEMPOTENCY_KEY=key)
