"""Policies in Python: asked about each registration and each change; what fails refuses."""

from __future__ import annotations

import logging

import pytest

from oauth_provider.models import AuditEvent, Client
from tests.register import WEB, get, post, put, registered
from tests.registration import policies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_registration")]


@pytest.fixture(autouse=True)
def policy(settings):
    """Name the site's policies."""
    policies.seen.clear()

    def name(*names: str) -> None:
        paths = [f"tests.registration.policies.{each}" for each in names]
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "REGISTRATION_POLICIES": paths}

    return name


def test_policy_is_told_who_asks(policy, initial_access_token, bob):
    policy("look")
    registered()
    answer = registered(WEB, initial_access_token)
    put(answer)
    stranger, developer, changer = policies.seen
    assert (stranger.address, stranger.initial_access_token, stranger.owner) == ("127.0.0.1", None, None)
    assert (developer.initial_access_token, developer.owner, developer.client_id) == ("Acme", bob, "")
    assert changer.client_id == answer["client_id"]


def test_refusal_speaks_to_the_developer_and_its_detail_to_the_operator(policy, caplog):
    policy("look", "refuse")
    with caplog.at_level(logging.WARNING, "oauth_provider.registration"):
        response = post(WEB)
    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_client_metadata",
        "error_description": "Write to apps@site.example first.",
    }
    assert Client.objects.count() == 0
    event = AuditEvent.objects.get(event="registration_refused")
    assert event.detail["cause"] == "tests.registration.policies.refuse: host is not on the list"
    assert (event.address, event.request_id) == ("127.0.0.1", response["X-Request-Id"])
    assert "host is not on the list" in caplog.text


def test_policy_may_refuse_a_software_statement(policy):
    policy("refuse_statement")
    assert post(WEB).json()["error"] == "unapproved_software_statement"


def test_policies_narrow_one_after_another(policy):
    policy("only_read")
    assert registered()["scope"] == "read"
    policy("only_read", "only_openid")
    assert "scope" not in registered()
    assert Client.objects.order_by("-pk").first().allowed_scopes == []


@pytest.mark.parametrize("name", ["fail", "answer_true", "misspell", "change_what_it_is_given"])
def test_policy_that_fails_refuses_and_says_so_in_the_log(policy, caplog, name):
    policy(name)
    response = post(WEB)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert Client.objects.count() == 0
    assert "secret-of-the-policy" not in response.content.decode()
    assert f"tests.registration.policies.{name} failed" in caplog.text


def test_policy_that_cannot_be_imported_refuses(policy):
    policy("gone")
    assert post(WEB).status_code == 400


def test_policy_sees_members_of_the_site_s_own_and_they_have_no_other_effect(policy):
    policy("host_is_named_twice")
    assert post(WEB).status_code == 400
    assert "x_ticket" not in registered({**WEB, "x_ticket": "OPS-1"})


def test_policy_is_asked_about_a_change_and_nothing_changes_when_it_refuses(policy):
    answer = registered()
    policy("refuse")
    response = put(answer, client_name="Other")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    policy()
    assert get(answer).json()["client_name"] == "Notes for Web"


def test_policy_narrows_a_change_too(policy):
    answer = registered()
    policy("only_read")
    assert put(answer).json()["scope"] == "read"


def test_refused_documents_do_not_reach_a_policy(policy):
    policy("look")
    post({**WEB, "contacts": "x"})
    post("nonsense")
    assert policies.seen == []
