"""Statements that signing out and changing a person cost because of us, above all where there is nothing to end."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from tests.budgets.statements import budget
from tests.flow import Flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(conf_client) -> Group:
    """The group whose members may use the app."""
    made = Group.objects.create(name="Editors")
    conf_client.row.change(allowed_users="groups", backchannel_logout_uri="https://c.example/logout")
    conf_client.row.allow_groups([made])
    return made


# Django's own: the session, the person, and the session read again and deleted.
SIGN_OUT = 4


def test_signing_out_of_somebody_without_apps_costs_one_look(flow):
    with budget(SIGN_OUT + 2, exactly=SIGN_OUT + 1):
        flow.browser.post("/signed-out")


def test_signing_out_of_an_app(flow, conf_client):
    conf_client.row.change(backchannel_logout_uri="https://c.example/logout")
    flow.tokens(conf_client, scope="openid read")
    # The look, codes held, sessions ended and read, the outbox, the grants, the event.
    with budget(SIGN_OUT + 7, exactly=SIGN_OUT + 7):
        flow.browser.post("/signed-out")


def test_app_that_asks_to_sign_somebody_out(flow, conf_client):
    conf_client.row.change(backchannel_logout_uri="https://c.example/logout")
    hint = flow.tokens(conf_client, scope="openid read")["id_token"]
    # The client that asks, and then as above.
    with budget(SIGN_OUT + 8, exactly=SIGN_OUT + 8):
        flow.browser.get("/end_session", {"id_token_hint": hint})


def test_saving_a_person_who_changes_nothing_of_concern_costs_nothing(alice):
    alice.first_name = "Alice"
    with budget(1, exactly=1):
        alice.save()


@pytest.mark.parametrize("field", ["password", "is_active"])
def test_person_without_apps_costs_one_look(alice, field):
    if field == "password":
        alice.set_password("another-password")
    else:
        alice.is_active = False
    with budget(2, exactly=2):
        alice.save()


def test_groups_of_somebody_without_apps_cost_one_look(alice, group):
    # Django's own: which of them there are, and the row.
    with budget(3, exactly=3):
        alice.groups.add(group)


def test_groups_of_somebody_with_apps_that_everybody_may_use_cost_one_look(flow, alice, public_client, group):
    flow.tokens(public_client, scope="openid read")
    with budget(3, exactly=3):
        alice.groups.add(group)


def test_groups_cost_nothing_where_nothing_ends_with_them(alice, group, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SESSION_POLICY": {"groups_changed": "nothing"}}
    with budget(2, exactly=2):
        alice.groups.add(group)


def test_who_stays_allowed_costs_the_same_however_many_there_are(django_user_model, conf_client, group):
    """Adding people to a group asks about all of them at once."""

    def statements(names: list[str]) -> int:
        people = [django_user_model.objects.create_user(name) for name in names]
        group.user_set.add(*people)
        for person in people:
            browser = Browser()
            browser.force_login(person)
            Flow(browser).tokens(conf_client, scope="openid read")
        other = Group.objects.create(name=f"Readers {names}")
        with CaptureQueriesContext(connection) as captured:
            other.user_set.add(*people)
        return len(captured)

    assert statements(["one"]) == statements(["two", "three", "four"])
