"""Statements of the authorization endpoint and of the decision (performance 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from oauth_provider.clients import registration
from oauth_provider.models import Client
from tests.budgets.statements import budget
from tests.flow import Registered, field_of, post_form, query_of

pytestmark = pytest.mark.django_db


def test_consent_page(flow, conf_client):
    # The last one reads by whom the client is registered.
    with budget(6, exactly=6):
        assert flow.authorize(conf_client, scope="openid read").status_code == 200


@pytest.mark.parametrize(("is_first", "statements"), [(True, 11), (False, 10)])
def test_decision(flow, conf_client, is_first, statements):
    if not is_first:
        flow.location(conf_client)
    page = flow.authorize(conf_client, scope="openid read write")
    decision = {"request": field_of(page, "request"), "decision": "allow"}
    with budget(11, exactly=statements):
        assert post_form(flow.browser, "/authorize/decision", decision).status_code == 303


def test_page_that_goes_on_to_the_client(flow, conf_client):
    page = flow.authorize(conf_client)
    decision = {"request": field_of(page, "request"), "decision": "allow"}
    location = post_form(flow.browser, "/authorize/decision", decision)["Location"]
    with budget(3, exactly=3):
        assert flow.browser.get(location).status_code == 200


def test_silent_authorization_of_a_remembered_consent(flow, conf_client):
    flow.location(conf_client, scope="openid read")
    with budget(8, exactly=8):
        response = flow.authorize(conf_client, scope="openid read")
    assert "code" in query_of(response["Location"])


def test_silent_authorization_of_an_app_of_this_site(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(first_party=True)
    flow.location(conf_client)
    with budget(8, exactly=8):
        response = flow.authorize(conf_client)
    assert "code" in query_of(response["Location"])


def test_silent_authorization_of_who_is_expected(flow, conf_client):
    """Who they are is looked up once, whether a hint asks or the grant does."""
    tokens = flow.tokens(conf_client, scope="openid read")
    with budget(8, exactly=8):
        response = flow.authorize(
            conf_client, scope="openid read", prompt="none", id_token_hint=tokens["id_token"], response_mode="form_post"
        )
    assert b'name="code"' in response.content


@pytest.fixture
def agent(settings) -> Registered:
    """A client of a document that was read a moment ago and that nobody has allowed yet."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "CLIENT_ID_METADATA_HOSTS": ["app.example"]}
    row, _none = registration.register(
        name="Notes Agent",
        profile="mcp",
        redirect_uris=["https://app.example/cb"],
        scopes=["openid", "read"],
        client_id="https://app.example/client.json",
        source="document",
        settings={"document_fresh_until": timezone.now() + timedelta(hours=1)},
        unconfirmed_until=timezone.now() + timedelta(hours=1),
    )
    return Registered(row, None)


def test_consent_page_of_a_client_whose_document_is_fresh(flow, agent):
    with budget(6, exactly=5):
        assert flow.authorize(agent, scope="openid read").status_code == 200


@pytest.mark.parametrize(("is_first", "statements"), [(True, 13), (False, 10)])
def test_decision_about_a_client_that_registered_itself(flow, agent, is_first, statements):
    """The first one confirms it: an UPDATE and its event. Every later one costs what it costs for others."""
    if not is_first:
        flow.location(agent)
    page = flow.authorize(agent, scope="openid read")
    decision = {"request": field_of(page, "request"), "decision": "allow"}
    with budget(13, exactly=statements):
        assert post_form(flow.browser, "/authorize/decision", decision).status_code == 303


@pytest.fixture
def old(settings) -> Registered:
    """A client that gets tokens from the authorization endpoint itself."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LEGACY_RESPONSE_TYPES": ["id_token token"]}
    row, _ = Client.objects.register(
        name="Reports 2014", profile="legacy", auth_method="none", redirect_uris=["https://old.example/cb"],
        scopes=["openid", "read"], settings={"response_types": ["id_token token"]},
    )  # fmt: skip
    return Registered(row, None)


def test_silent_answer_with_tokens(flow, old):
    asked = {"response_type": "id_token token", "scope": "openid read", "nonce": "n"}
    flow.location(old, **asked)
    # As silently for a code, the consent held and read again, the session noted, the token's event.
    with budget(12, exactly=12):
        answer = flow.authorize(old, prompt="none", **asked)
    assert "access_token=" in answer["Location"]
