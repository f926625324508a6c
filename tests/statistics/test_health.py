"""The health of a client: each thing an admin should know is one warning with its code, and goes with its cause."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import usage
from oauth_provider.insight.health import health
from oauth_provider.models import AuditEvent, Client, ClientOwner, ClientSecret
from oauth_provider.models.application import application_model
from oauth_provider.values import Event
from tests.flow import Registered, machine_token, post_form

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def well(web, alice) -> Client:
    """A client nothing is to be said of."""
    ClientOwner.objects.create(client=web, user=alice)
    web.change(last_used_at=timezone.now())
    return web


def codes(client: Client) -> list[str]:
    return [warning.code for warning in health(Client.objects.get(pk=client.pk))]


def sentence(client: Client, code: str) -> str:
    return next(warning.sentence for warning in health(client) if warning.code == code)


def test_a_client_in_order_has_no_warning_and_costs_four_statements(well, django_assert_max_num_queries):
    client = Client.objects.get(pk=well.pk)
    with django_assert_max_num_queries(4):
        assert health(client) == ()


def test_everything_at_once_costs_no_more_and_the_worst_comes_first(web, django_assert_max_num_queries):
    ClientSecret.objects.filter(client=web).update(expires_at=timezone.now() - DAY)
    web.change(
        status="suspended", allowed_scopes=["*"], profile="imported", created_at=timezone.now() - 700 * DAY,
        unconfirmed_until=timezone.now() + DAY,
    )  # fmt: skip
    for _ in range(25):
        AuditEvent.objects.record(Event.TOKEN_REFUSED, client=web)
    client = Client.objects.get(pk=web.pk)
    with django_assert_max_num_queries(4):
        found = health(client)
    assert found[0].code == "secret_expired"
    severities = [warning.severity.value for warning in found]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert {"suspended", "every_scope", "old_profile", "many_failures", "never_used", "unconfirmed"} <= {
        warning.code for warning in found
    }


def test_a_secret_that_ends_soon_is_told_unless_another_outlives_it(well):
    ClientSecret.objects.filter(client=well).update(expires_at=timezone.now() + 6.5 * DAY)
    assert sentence(well, "secret_expires") == "Its secret expires in 6 days."
    other, _value = ClientSecret.objects.add(well, expires_at=timezone.now() + 20.5 * DAY)
    assert sentence(well, "secret_expires") == "Its secret expires in 20 days."
    ClientSecret.objects.filter(pk=other.pk).update(expires_at=timezone.now() + 40 * DAY)
    assert codes(well) == []
    ClientSecret.objects.filter(pk=other.pk).update(expires_at=None)
    assert codes(well) == []


def test_the_last_day_of_a_secret_is_told_in_words(well):
    ClientSecret.objects.filter(client=well).update(expires_at=timezone.now() + timedelta(hours=5))
    assert sentence(well, "secret_expires") == "Its secret expires within a day."


def test_an_expired_secret_matters_when_it_was_the_last(well):
    first = ClientSecret.objects.get(client=well)
    ClientSecret.objects.add(well)
    ClientSecret.objects.filter(pk=first.pk).update(expires_at=timezone.now() - 3 * DAY)
    assert codes(well) == []
    ClientSecret.objects.exclude(pk=first.pk).update(revoked_at=timezone.now())
    assert sentence(well, "secret_expired") == "Its last secret expired 3\xa0days\xa0ago: it cannot authenticate."


def test_a_client_whose_secrets_are_all_revoked_has_none(well):
    ClientSecret.objects.update(revoked_at=timezone.now())
    assert codes(well) == ["no_secret"]


def test_a_public_client_needs_no_secret(well):
    ClientSecret.objects.all().delete()
    well.change(auth_method="none")
    assert codes(well) == []


def test_a_client_taken_over_still_shows_its_old_secret(well):
    application_model().objects.filter(pk=well.application_id).update(client_secret="kept-by-the-toolkit")
    ClientSecret.objects.all().delete()
    well.change(profile="imported", registration_source="dot")
    assert codes(well) == ["old_profile"]


def test_two_secrets_for_a_month_are_an_unfinished_rotation(machine_client, alice):
    client = machine_client.row
    ClientOwner.objects.create(client=client, user=alice)
    answer = post_form(
        Browser(REMOTE_ADDR="203.0.113.7"),
        "/token",
        {"grant_type": "client_credentials"},
        HTTP_AUTHORIZATION=machine_client.basic,
    )
    assert answer.status_code == 200
    usage.flush()
    old = ClientSecret.objects.get(client=client)
    ClientSecret.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - 400 * DAY, last_used_at=timezone.now() - timedelta(minutes=4, seconds=1)
    )
    new, _value = ClientSecret.objects.add(client)
    assert codes(client) == []
    ClientSecret.objects.filter(pk=new.pk).update(created_at=timezone.now() - 31 * DAY)
    assert sentence(client, "rotation_unfinished") == (
        f"Rotation unfinished: the old secret …{old.hint} was last used 4\xa0minutes\xa0ago from 203.0.113.7."
    )
    ClientSecret.objects.filter(pk=old.pk).update(last_used_at=None, last_used_address="")
    assert "was never seen. Revoke it." in sentence(client, "rotation_unfinished")
    ClientSecret.objects.filter(pk=old.pk).update(revoked_at=timezone.now())
    assert codes(client) == []


def test_use_at_the_token_endpoint_makes_a_client_used(machine_client, alice):
    ClientOwner.objects.create(client=machine_client.row, user=alice)
    machine_client.row.change(created_at=timezone.now() - 31 * DAY)
    assert codes(machine_client.row) == ["never_used"]
    assert machine_token(machine_client).status_code == 200
    usage.flush()
    assert codes(machine_client.row) == []
    machine_client.row.change(last_used_at=timezone.now() - 91 * DAY)
    client = Client.objects.get(pk=machine_client.row.pk)
    assert sentence(client, "unused") == "It was not used for 91 days."


def test_where_no_use_is_noted_nothing_is_said_of_it(well, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 0}
    well.change(last_used_at=None, created_at=timezone.now() - 700 * DAY)
    assert codes(well) == []


def test_nobody_to_answer_for_it(well, alice):
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert codes(well) == ["no_owner"]


def test_refusals_of_the_last_hour_are_told_when_they_are_many(well, machine_client):
    registered = Registered(well, "op_cs_wrong")
    for _ in range(19):
        assert machine_token(registered).status_code == 401
    assert codes(well) == []
    AuditEvent.objects.record(Event.CLIENT_AUTHENTICATION_FAILED, client=well)
    assert sentence(well, "many_failures") == "20 of its requests were refused within the last hour."
    AuditEvent.objects.update(at=timezone.now() - timedelta(hours=2))
    assert codes(well) == []


@pytest.mark.parametrize("status", ["draft", "submitted", "suspended", "archived"])
def test_a_status_other_than_active_is_told(well, status):
    well.change(status=status)
    assert codes(well) == [status]


def test_an_archived_client_wants_nothing_else(web):
    ClientSecret.objects.all().delete()
    web.change(status="archived", allowed_scopes=["*"])
    assert codes(web) == ["archived"]


def test_a_web_client_that_sends_people_to_http(well):
    well.set_redirect_uris(["https://notes.example/cb", "http://127.0.0.1:8000/cb"])
    assert "http://127.0.0.1:8000/cb" in sentence(Client.objects.get(pk=well.pk), "http_redirect")
    well.change(profile="native")
    assert codes(well) == []


def test_every_scope_and_an_old_profile(well):
    well.change(allowed_scopes=["*"], profile="imported")
    assert codes(well) == ["every_scope", "old_profile"]


def test_an_unconfirmed_registration_tells_when_it_goes_and_has_no_owner_to_miss(web):
    web.change(unconfirmed_until=timezone.now() + DAY, registration_source="dynamic")
    assert codes(web) == ["unconfirmed"]
